import { Module, type DynamicModule } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { CursorPages } from '#libs/http';
import { LiveFeed, MessagingModule, messagingMigrations } from '#libs/messaging';
import { databaseModule, ServiceModule } from '#libs/service';
import { BrowseNotificationsController } from './browse-notifications/browse-notifications.controller.js';
import { EmailChannel } from './channels/email/email.channel.js';
import { Smtp } from './channels/email/smtp.js';
import { LiveChannel } from './channels/live/live.channel.js';
import { LiveController } from './channels/live/live.controller.js';
import type { NotificationConfig } from './config.js';
import { CreateNotifications1767225600000 } from './migrations/1767225600000-create-notifications.js';
import { Notification } from './notification/notification.entity.js';
import { NotifyCustomerConsumer } from './notify-customer/notify-customer.consumer.js';
import { ViewNotificationsController } from './view-notifications/view-notifications.controller.js';

export const entities = [Notification];
export const migrations = [...messagingMigrations, CreateNotifications1767225600000];

/** The notification service: everything it is made of, on one page. */
@Module({})
export class NotificationModule {
  static with(config: NotificationConfig): DynamicModule {
    return {
      module: NotificationModule,
      imports: [
        ServiceModule.forRoot({ name: 'notification', instance: config.INSTANCE }),
        databaseModule({
          url: config.DATABASE_URL,
          poolSize: config.DATABASE_POOL_SIZE,
          connectAttempts: config.DATABASE_CONNECT_ATTEMPTS,
          applicationName: 'orderly-notification',
          entities,
          migrations,
        }),
        TypeOrmModule.forFeature(entities),
        MessagingModule.forRoot({
          service: 'notification',
          instance: config.INSTANCE,
          rabbitmqUrl: config.RABBITMQ_URL,
          connectAttempts: config.RABBITMQ_CONNECT_ATTEMPTS,
          batchLimit: config.BATCH_SIZE,
          drainDeadlineMs: config.SHUTDOWN_DEADLINE_SECONDS * 500,
        }),
      ],
      controllers: [BrowseNotificationsController, LiveController, ViewNotificationsController],
      providers: [
        { provide: CursorPages, useFactory: () => new CursorPages(config.CURSOR_SECRET) },
        NotifyCustomerConsumer,
        {
          provide: Smtp,
          useFactory: () =>
            new Smtp({
              url: config.SMTP_URL,
              from: config.MAIL_FROM,
              connections: config.EMAIL_AT_ONCE,
              timeoutMs: config.SMTP_TIMEOUT_SECONDS * 1000,
            }),
        },
        EmailChannel,
        {
          provide: LiveChannel,
          inject: [LiveFeed],
          useFactory: (feed: LiveFeed) => new LiveChannel(feed, config.LIVE_COMMENT_INTERVAL_MS),
        },
      ],
    };
  }
}
