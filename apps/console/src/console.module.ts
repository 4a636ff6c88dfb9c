import { Module, type DynamicModule } from '@nestjs/common';
import { CursorPages } from '#libs/http';
import { MessagingModule, messagingMigrations } from '#libs/messaging';
import { databaseModule, ServiceModule } from '#libs/service';
import type { ConsoleConfig } from './config.js';

export const migrations = [...messagingMigrations];

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
          poolSize: config.DATABASE_POOL_SIZE,
          connectAttempts: config.DATABASE_CONNECT_ATTEMPTS,
          applicationName: 'orderly-console',
          entities: [],
          migrations,
        }),
        MessagingModule.forRoot({
          service: 'console',
          instance: config.INSTANCE,
          rabbitmqUrl: config.RABBITMQ_URL,
          connectAttempts: config.RABBITMQ_CONNECT_ATTEMPTS,
          batchLimit: config.BATCH_SIZE,
          drainDeadlineMs: config.SHUTDOWN_DEADLINE_SECONDS * 500,
        }),
      ],
      providers: [{ provide: CursorPages, useFactory: () => new CursorPages(config.CURSOR_SECRET) }],
    };
  }
}
