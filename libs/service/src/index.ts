export { BadConfiguration, parseConfig, readConfig, serviceConfig, type ServiceConfig } from './config.js';
export { databaseModule, type DatabaseOptions } from './database.js';
export { Health, type Condition, type HealthReport } from './health.js';
export { ServiceLogger } from './logger.js';
export { ServiceModule } from './service.module.js';
export { StartFailure } from './start-failure.js';
export { startService, type Service } from './start-service.js';
export { currentTrace, requestTrace, runInTrace, type Trace } from './trace-context.js';
