import { type DynamicModule, Global, Module } from '@nestjs/common';
import { Health } from './health.js';
import { OperationsRoutes, SERVICE_IDENTITY, type ServiceIdentity } from './operations-routes.js';

/** What every service has for whoever operates it: {@link Health} for all modules, and the routes that show it. */
@Global()
@Module({})
export class ServiceModule {
  static forRoot(identity: ServiceIdentity): DynamicModule {
    return {
      module: ServiceModule,
      providers: [Health, OperationsRoutes, { provide: SERVICE_IDENTITY, useValue: identity }],
      exports: [Health],
    };
  }
}
