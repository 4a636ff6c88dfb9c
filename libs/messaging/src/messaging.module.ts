import { DiscoveryModule, DiscoveryService } from '@golevelup/nestjs-discovery';
import { RABBIT_HANDLER } from '@golevelup/nestjs-rabbitmq';
import {
  Inject,
  Logger,
  Module,
  type BeforeApplicationShutdown,
  type DynamicModule,
  type OnApplicationBootstrap,
  type OnModuleInit,
} from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import { DataSource } from 'typeorm';
import { topology } from '#libs/contracts';
import { Health, Scrapes } from '#libs/service';
import { ActivityStream } from './activity-stream.js';
import type { Collection } from './collector.js';
import { LiveFeed } from './live-feed.js';
import type { AskingHandler, Consumption, Incoming } from './message-handler.js';
import { MessageOutcomes } from './message-outcomes.js';
import { serveMessagePages } from './message-pages.js';
import { oldestUnsentSeconds, parkedMessages, unsentMessages } from './metrics.js';
import { Messaging, type MessagingSettings } from './messaging.js';
import { OutboxState } from './outbox-state.js';
import { QueueDepths } from './queue-depths.js';
import { Transactions } from './outbox.js';
import { Queries, QueryServer } from './queries.js';
import { RunTimeSettings } from './settings/run-time-settings.js';
import { processSettings, type ProcessConfig } from './settings/setting-declarations.js';
import { SettingsController } from './settings/settings.controller.js';

type MessagingModuleSettings = Omit<MessagingSettings, 'topology'> &
  Partial<Pick<MessagingSettings, 'topology'>> & {
    /** What the configuration says of what can be changed while the service runs. */
    readonly runTime: ProcessConfig & { readonly SETTINGS_REREAD_MS: number };
  };

/** Gives a service its {@link Transactions} and feeds its handlers ({@link Consumes}), for as long as the application runs. */
@Module({})
export class MessagingModule implements OnModuleInit, OnApplicationBootstrap, BeforeApplicationShutdown {
  constructor(
    private readonly messaging: Messaging,
    private readonly discovery: DiscoveryService,
    private readonly health: Health,
    private readonly scrapes: Scrapes,
    private readonly http: HttpAdapterHost,
    private readonly settings: RunTimeSettings,
    @Inject(DataSource) private readonly dataSource: DataSource,
  ) {}

  static forRoot({ runTime, ...settings }: MessagingModuleSettings): DynamicModule {
    return {
      module: MessagingModule,
      global: true,
      imports: [DiscoveryModule],
      controllers: [SettingsController],
      providers: [
        MessageOutcomes,
        {
          provide: Messaging,
          inject: [DataSource],
          useFactory: (dataSource: DataSource) => new Messaging({ topology, ...settings }, dataSource, new Logger('messaging')),
        },
        { provide: Transactions, inject: [Messaging], useFactory: (messaging: Messaging) => messaging.transactions },
        { provide: Queries, inject: [Messaging], useFactory: (messaging: Messaging) => messaging.queries },
        { provide: QueryServer, inject: [Messaging], useFactory: (messaging: Messaging) => messaging.queryServer },
        { provide: LiveFeed, inject: [Messaging], useFactory: (messaging: Messaging) => messaging.liveFeed },
        { provide: ActivityStream, inject: [Messaging], useFactory: (messaging: Messaging) => messaging.activity },
        { provide: OutboxState, inject: [Messaging], useFactory: (messaging: Messaging) => messaging.outboxState },
        {
          provide: RunTimeSettings,
          inject: [DataSource, Messaging],
          useFactory: (dataSource: DataSource, { transactions }: Messaging) => {
            const found = new RunTimeSettings(dataSource, transactions, {
              service: settings.service,
              rereadMs: runTime.SETTINGS_REREAD_MS,
            });
            for (const setting of processSettings(runTime)) found.declare(setting);
            return found;
          },
        },
        { provide: QueueDepths, inject: [Messaging], useFactory: (messaging: Messaging) => messaging.queueDepths },
      ],
      exports: [Transactions, LiveFeed, OutboxState, Queries, QueueDepths, MessageOutcomes, RunTimeSettings],
    };
  }

  onModuleInit(): void {
    // An application context has no HTTP.
    if (this.http.httpAdapter) serveMessagePages(this.http.httpAdapter);
  }

  async onApplicationBootstrap(): Promise<void> {
    for (const { discoveredMethod, meta } of await this.discovery.providerMethodsWithMetaAtKey<Consumption | Collection>(RABBIT_HANDLER)) {
      const instance = discoveredMethod.parentClass.instance;
      if (meta.queue === topology.deadLetters) {
        this.messaging.collectDeadLetters(discoveredMethod.handler.bind(instance));
        continue;
      }
      if (meta.queue === topology.auditTrail.queue) {
        this.messaging.collectAuditTrail(discoveredMethod.handler.bind(instance));
        continue;
      }
      if (meta.queue === topology.activity.queue) {
        this.messaging.collectActivity(discoveredMethod.handler.bind(instance));
        continue;
      }
      if (meta.askAtOnce === undefined) {
        this.messaging.handle(meta.queue, discoveredMethod.handler.bind(instance));
        continue;
      }
      if (!('intend' in instance && 'ask' in instance && 'record' in instance)) {
        throw new TypeError(`${discoveredMethod.parentClass.name} consumes ${meta.queue} by asking, so it needs intend, ask and record`);
      }
      this.messaging.handleAsking(meta.queue, instance as AskingHandler<Incoming, unknown, unknown>, meta.askAtOnce);
    }
    this.health.register('messaging', async () => {
      const complaints = this.messaging.complaints();
      return complaints.length === 0 ? { status: 'up' } : { status: 'degraded', detail: complaints.join('; ') };
    });
    this.health.register('outbox', () => this.outboxHealth());
    this.scrapes.register({ waiting: unsentMessages, oldestSeconds: oldestUnsentSeconds, parked: parkedMessages }, async () => {
      const { oldestSeconds, ...counts } = await this.messaging.outboxState.read();
      return { ...counts, oldestSeconds: oldestSeconds ?? 0 };
    });
    for (const setting of this.messaging.runTimeSettings()) this.settings.declare(setting);
    await this.settings.start();
    await this.messaging.start();
    this.settings.listen(this.messaging.liveFeed);
  }

  /** Requests first: what those under way commit is still sent. Nest would close the HTTP server after this. */
  async beforeApplicationShutdown(): Promise<void> {
    await this.http.httpAdapter?.close();
    await this.messaging.stop();
  }

  private async outboxHealth(): Promise<{ status: 'up' | 'degraded'; detail?: string }> {
    const [row]: { parked: number; oldest_seconds: number }[] = await this.dataSource.query(
      `SELECT (SELECT count(*)::int FROM outbox_parked) AS parked,
              coalesce((SELECT extract(epoch FROM now() - at) FROM outbox ORDER BY seq LIMIT 1), 0)::float8 AS oldest_seconds`,
    );
    const complaints = [
      ...(row!.parked > 0 ? [`${row!.parked} messages are parked in outbox_parked`] : []),
      ...(row!.oldest_seconds > 30 ? [`the oldest unsent message has waited ${Math.round(row!.oldest_seconds)} s`] : []),
    ];
    return complaints.length === 0 ? { status: 'up' } : { status: 'degraded', detail: complaints.join('; ') };
  }
}
