import { Module, type DynamicModule } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { DataSource } from 'typeorm';
import { CursorPages } from '#libs/http';
import { inboxKept, LiveFeed, MessagingModule, messagingMigrations } from '#libs/messaging';
import { databaseModule, Retention, ServiceModule, tlsFiles, type Kept } from '#libs/service';
import { BrowseNotificationsController } from './browse-notifications/browse-notifications.controller.js';
import { EmailChannel } from './channels/email/email.channel.js';
import { Smtp } from './channels/email/smtp.js';
import { LiveChannel } from './channels/live/live.channel.js';
import { LiveController } from './channels/live/live.controller.js';
import { networks } from './channels/webhook/address-rules.js';
import { DeliverWebhookConsumer } from './channels/webhook/deliver-webhook.consumer.js';
import { EndpointSecrets } from './channels/webhook/endpoint-secrets.js';
import { OverdueDeliveries } from './channels/webhook/overdue-deliveries.js';
import { resolveName } from './channels/webhook/resolve-name.js';
import { WebhookDeliveriesController } from './channels/webhook/webhook-deliveries.controller.js';
import { WebhookEndpointsController } from './channels/webhook/webhook-endpoints.controller.js';
import { WebhookSender } from './channels/webhook/webhook-sender.js';
import { WebhookChannel } from './channels/webhook/webhook.channel.js';
import { NOTIFICATION_CONFIG, type NotificationConfig } from './config.js';
import { CreateNotifications1767225600000 } from './migrations/1767225600000-create-notifications.js';
import { IndexOldNotifications1767225600009 } from './migrations/1767225600009-index-old-notifications.js';
import { CreateWebhooks1767225600001 } from './migrations/1767225600001-create-webhooks.js';
import { Notification } from './notification/notification.entity.js';
import { NotifyCustomerConsumer } from './notify-customer/notify-customer.consumer.js';
import { NotifyOperatorsConsumer } from './notify-operators/notify-operators.consumer.js';
import { ViewNotificationsController } from './view-notifications/view-notifications.controller.js';

export const entities = [Notification];
export const migrations = [
  ...messagingMigrations,
  CreateNotifications1767225600000,
  CreateWebhooks1767225600001,
  IndexOldNotifications1767225600009,
];

/** What is not kept for ever. A notification that is still to be sent is kept until it is, and a delivery until it has ended. */
export const kept = (
  config: Pick<NotificationConfig, 'INBOX_KEPT_DAYS' | 'NOTIFICATIONS_KEPT_DAYS' | 'WEBHOOK_DELIVERIES_KEPT_DAYS'>,
): readonly Kept[] => [
  inboxKept(config.INBOX_KEPT_DAYS),
  { table: 'notifications', since: 'at', hours: config.NOTIFICATIONS_KEPT_DAYS * 24, settled: `status <> 'pending'` },
  { table: 'webhook_deliveries', since: 'created_at', hours: config.WEBHOOK_DELIVERIES_KEPT_DAYS * 24, settled: `status <> 'pending'` },
];

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
          migrationsUrl: config.DATABASE_MIGRATIONS_URL,
          tls: tlsFiles('DATABASE', config),
          poolSize: config.DATABASE_POOL_SIZE,
          connectAttempts: config.DATABASE_CONNECT_ATTEMPTS,
          applicationName: 'orderly-notification',
          entities,
          migrations,
          appendOnly: ['webhook_attempts', 'setting_changes'],
        }),
        TypeOrmModule.forFeature(entities),
        MessagingModule.forRoot({
          service: 'notification',
          instance: config.INSTANCE,
          rabbitmqUrl: config.RABBITMQ_URL,
          rabbitmqDeployUrl: config.RABBITMQ_DEPLOY_URL,
          rabbitmqTls: tlsFiles('RABBITMQ', config),
          connectAttempts: config.RABBITMQ_CONNECT_ATTEMPTS,
          batchLimit: config.BATCH_SIZE,
          drainDeadlineMs: config.SHUTDOWN_DEADLINE_SECONDS * 500,
          runTime: config,
        }),
      ],
      controllers: [
        BrowseNotificationsController,
        LiveController,
        ViewNotificationsController,
        WebhookDeliveriesController,
        WebhookEndpointsController,
      ],
      providers: [
        { provide: NOTIFICATION_CONFIG, useValue: config },
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
        { provide: Retention, inject: [DataSource], useFactory: (database: DataSource) => new Retention(database, kept(config)) },
        { provide: EndpointSecrets, useFactory: () => new EndpointSecrets(config.WEBHOOK_SECRETS_KEY) },
        {
          provide: WebhookSender,
          useFactory: () =>
            new WebhookSender({
              allowHttp: config.WEBHOOK_ALLOW_HTTP,
              allowed: networks(config.WEBHOOK_ALLOWED_NETWORKS),
              timeoutMs: config.WEBHOOK_TIMEOUT_SECONDS * 1000,
              resolve: resolveName,
            }),
        },
        WebhookChannel,
        DeliverWebhookConsumer,
        OverdueDeliveries,
        NotifyOperatorsConsumer,
        {
          provide: LiveChannel,
          inject: [LiveFeed],
          useFactory: (feed: LiveFeed) => new LiveChannel(feed, config.LIVE_COMMENT_INTERVAL_MS),
        },
      ],
    };
  }
}
