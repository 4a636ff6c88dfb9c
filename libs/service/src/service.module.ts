import { type DynamicModule, Global, Module } from '@nestjs/common';
import { Health } from './health.js';
import { Scrapes } from './scrapes.js';
import { OperationsRoutes, SERVICE_IDENTITY, type ServiceIdentity } from './operations-routes.js';

/** What every service has for whoever operates it: {@link Health} and {@link Scrapes} for all modules, and the routes that show them. */
@Global()
@Module({})
export class ServiceModule {
  static forRoot(identity: ServiceIdentity): DynamicModule {
    return {
      module: ServiceModule,
      providers: [Health, Scrapes, OperationsRoutes, { provide: SERVICE_IDENTITY, useValue: identity }],
      exports: [Health, Scrapes],
    };
  }
}
