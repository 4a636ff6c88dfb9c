import { Module, type DynamicModule } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { CursorPages } from '#libs/http';
import { inboxKept, MessagingModule, messagingMigrations } from '#libs/messaging';
import { databaseModule, Retention, ServiceModule, tlsFiles, type Kept } from '#libs/service';
import { ActivityPartitions } from './activity/activity-partitions.js';
import { BrowseActivityController } from './activity/browse-activity.controller.js';
import { KeepActivity } from './activity/keep-activity.js';
import { AuditTrail } from './audit-trail/audit-trail.js';
import { BrowseDeadLettersController } from './browse-dead-letters/browse-dead-letters.controller.js';
import { BrowseOutboxesController } from './browse-outboxes/browse-outboxes.controller.js';
import { BrowseQueuesController } from './browse-queues/browse-queues.controller.js';
import { CollectDeadLetters } from './collect-dead-letters/collect-dead-letters.js';
import { ParkedCount } from './collect-dead-letters/parked-count.js';
import type { ConsoleConfig } from './config.js';
import { ConversationsController } from './conversations/conversations.controller.js';
import { DiscardDeadLetterController } from './discard-dead-letter/discard-dead-letter.controller.js';
import { CreateDeadLetters1767225600000 } from './migrations/1767225600000-create-dead-letters.js';
import { CreateAuditTrail1767225600001 } from './migrations/1767225600001-create-audit-trail.js';
import { ForgetDeadLetters1767225600002 } from './migrations/1767225600002-forget-dead-letters.js';
import { ForgetAuditTrail1767225600003 } from './migrations/1767225600003-forget-audit-trail.js';
import { CreateActivity1767225600004 } from './migrations/1767225600004-create-activity.js';
import { deadLettersKept } from './letter/letters.js';
import { ReplayDeadLettersController } from './replay-dead-letters/replay-dead-letters.controller.js';
import { SettleReplaysConsumer } from './settle-replays/settle-replays.consumer.js';

export const migrations = [
  ...messagingMigrations,
  CreateDeadLetters1767225600000,
  CreateAuditTrail1767225600001,
  ForgetDeadLetters1767225600002,
  ForgetAuditTrail1767225600003,
  CreateActivity1767225600004,
];

/** What is not kept for ever. What operators did is. */
export const kept = (
  config: Pick<ConsoleConfig, 'INBOX_KEPT_DAYS' | 'DEAD_LETTERS_KEPT_DAYS' | 'AUDIT_TRAIL_KEPT_DAYS'>,
): readonly Kept[] => [
  inboxKept(config.INBOX_KEPT_DAYS),
  deadLettersKept(config.DEAD_LETTERS_KEPT_DAYS),
  { table: 'audit_trail', since: 'recorded_at', hours: config.AUDIT_TRAIL_KEPT_DAYS * 24, by: 'forget_audit_trail' },
];

/** The console: everything it is made of, on one page. */
@Module({})
export class ConsoleModule {
  static with(config: ConsoleConfig): DynamicModule {
    return {
      module: ConsoleModule,
      imports: [
        ServiceModule.forRoot({ name: 'console', instance: config.INSTANCE }),
        databaseModule({
          url: config.DATABASE_URL,
          migrationsUrl: config.DATABASE_MIGRATIONS_URL,
          tls: tlsFiles('DATABASE', config),
          poolSize: config.DATABASE_POOL_SIZE,
          connectAttempts: config.DATABASE_CONNECT_ATTEMPTS,
          applicationName: 'orderly-console',
          entities: [],
          migrations,
          appendOnly: ['activity', 'audit', 'audit_trail', 'dead_letter_history', 'setting_changes'],
        }),
        MessagingModule.forRoot({
          service: 'console',
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
        BrowseDeadLettersController,
        ReplayDeadLettersController,
        DiscardDeadLetterController,
        BrowseQueuesController,
        BrowseOutboxesController,
        ConversationsController,
        BrowseActivityController,
      ],
      providers: [
        { provide: CursorPages, useFactory: () => new CursorPages(config.CURSOR_SECRET) },
        CollectDeadLetters,
        ParkedCount,
        AuditTrail,
        { provide: Retention, inject: [DataSource], useFactory: (database: DataSource) => new Retention(database, kept(config)) },
        SettleReplaysConsumer,
        KeepActivity,
        {
          provide: ActivityPartitions,
          inject: [DataSource],
          useFactory: (database: DataSource) => new ActivityPartitions(database, config.ACTIVITY_KEPT_DAYS),
        },
      ],
    };
  }
}
