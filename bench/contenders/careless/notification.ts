import 'reflect-metadata';
import { Module } from '@nestjs/common';
import { HealthController } from './health.controller.js';
import { Notification } from './notification/notification.entity.js';
import { NotificationsController } from './notification/notifications.controller.js';
import { NotificationsService } from './notification/notifications.service.js';
import { databaseModules, startService } from './service.js';

@Module({
  imports: databaseModules(Notification),
  controllers: [HealthController, NotificationsController],
  providers: [NotificationsService],
})
class NotificationModule {}

await startService('notification', NotificationModule);
