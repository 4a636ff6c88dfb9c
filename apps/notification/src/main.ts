import 'reflect-metadata';
import { httpSurface } from '#libs/http';
import { activityOf, queryServer } from '#libs/messaging';
import { readConfig, requestTrace, startService } from '#libs/service';
import { notificationConfig } from './config.js';
import { NotificationModule } from './notification.module.js';

const config = readConfig('notification', notificationConfig);

await startService({
  name: 'notification',
  config,
  module: NotificationModule.with(config),
  http: httpSurface({
    title: 'Orderly: notifications',
    description: 'What customers were told about their orders, and the live stream.',
    trace: requestTrace,
    activity: activityOf,
    config,
  }),
  queries: queryServer,
});
