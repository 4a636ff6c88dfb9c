import { type DynamicModule, Global, Module } from '@nestjs/common';
import { Health } from './health.js';
import { OperationsRoutes } from './operations-routes.js';

/** What every service has for whoever operates it: {@link Health} for all modules, and the routes that show it. */
@Global()
@Module({})
export class ServiceModule {
  static forRoot(_options: { readonly name: string; readonly instance: string }): DynamicModule {
    return { module: ServiceModule, providers: [Health, OperationsRoutes], exports: [Health] };
  }
}
