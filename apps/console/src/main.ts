import 'reflect-metadata';
import { httpSurface } from '#libs/http';
import { activityOf } from '#libs/messaging';
import { readConfig, requestTrace, startService } from '#libs/service';
import { consoleConfig } from './config.js';
import { ConsoleModule } from './console.module.js';

const config = readConfig('console', consoleConfig);

await startService({
  name: 'console',
  config,
  module: ConsoleModule.with(config),
  http: httpSurface({
    title: 'Orderly: console',
    description: 'For operators: dead letters, what became of one order, and what waits where.',
    trace: requestTrace,
    activity: activityOf,
    config,
  }),
});
