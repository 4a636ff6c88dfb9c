export { messagingConfig, parseConfig, readConfig, serviceConfig, type ServiceConfig } from './config.js';
export { databaseModule, type DatabaseOptions } from './database.js';
export { Health, type Condition, type HealthReport } from './health.js';
export { ServiceModule } from './service.module.js';
export { StartFailure } from './start-failure.js';
export { Sweeper } from './sweeper.js';
export { startService, type Service } from './start-service.js';
export { currentTrace, requestTrace, type Trace } from './trace-context.js';
export { writeTogether } from './write-together.js';
