import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from '@nestjs/common';
import type { ChannelModel, ConsumeMessage } from 'amqplib';
import type { DataSource } from 'typeorm';
import { replicaQueue, retryDelaysSeconds, type Activity, type QueueDeclaration, type Topology } from '#libs/contracts';
import type { TlsFiles } from '#libs/service';
import { AskingConsumer } from './asking-consumer.js';
import { BatchConsumer } from './batch-consumer.js';
import { Connection, connectOnce } from './connection.js';
import { ActivityStream, readActivity } from './activity-stream.js';
import { readPassing, type Passing } from './audit-trail.js';
import { Collector, type CollectionHandler } from './collector.js';
import { readDeadLetter, type DeadLetter } from './dead-letters.js';
import type { Consumer, ConsumerSettings } from './consumer.js';
import { longestDelaySeconds } from './delay.js';
import { declareTopology } from './declare-topology.js';
import { LiveFeed } from './live-feed.js';
import type { AskingHandler, BatchHandler, Incoming } from './message-handler.js';
import { OutboxNotifier } from './outbox-notifier.js';
import { defaultRelaySettings, OutboxRelay, type OutboxRow, type RelaySettings } from './outbox-relay.js';
import { OutboxState } from './outbox-state.js';
import { Transactions } from './outbox.js';
import { defaultPauseGraceMs } from './pause.js';
import { Publisher } from './publisher.js';
import { Queries, QueryClient, QueryServer } from './queries.js';
import { QueueDepths } from './queue-depths.js';
import type { RunTimeSetting } from './settings/run-time-settings.js';
import { consumerSettings } from './settings/setting-declarations.js';
import { defaultStandingRetries, StandingRetries, type StandingRetriesSettings } from './standing-retries.js';

export interface MessagingSettings {
  /** Which service this is: the first word of its queues. */
  readonly service: string;
  /** Which replica of it, in connection names and in the names of queues of its own. */
  readonly instance: string;
  readonly rabbitmqUrl: string;
  /** What TLS trusts and shows, with an `amqps:` address. */
  readonly rabbitmqTls: TlsFiles | undefined;
  /** Where the topology is declared, by a user who may; undefined: by the one above. */
  readonly rabbitmqDeployUrl?: string | undefined;
  readonly connectAttempts: number;
  /** How long stopping may wait for what is in hand, in ms. */
  readonly drainDeadlineMs: number;
  readonly topology: Topology;
  /** The most that one transaction handles, be it messages, requests or outbox rows; what is smaller already stays as it is. */
  readonly batchLimit?: number | undefined;
  readonly relay?: Partial<RelaySettings>;
  readonly retryDelaysSeconds?: readonly number[];
  readonly standingRetries?: StandingRetriesSettings;
  /** How long a consumer that waits for something keeps what it holds, in ms. */
  readonly pauseGraceMs?: number;
}

/** Past this a larger transaction is no cheaper for each of its items. */
const mostGrouped = 100;

/** Everything of one service that talks to the broker: two connections, the relay, the consumers; started, watched and stopped as one. */
export class Messaging {
  readonly transactions: Transactions;
  readonly liveFeed: LiveFeed;
  readonly activity: ActivityStream;
  readonly queries: Queries;
  /** What `@MessagePattern` handles is answered by this, once the application has connected it. */
  readonly queryServer: QueryServer;
  readonly queueDepths: QueueDepths;
  readonly outboxState: OutboxState;
  private readonly publishing: Connection;
  private readonly consuming: Connection;
  /** Of the relay alone: what a consumer hands on must not cost the relay its channel. */
  private readonly publisher: Publisher;
  private readonly handOnPublisher: Publisher;
  private readonly relay: OutboxRelay;
  private readonly notifier: OutboxNotifier;
  private readonly standingRetries: StandingRetries;
  private readonly consumers = new Map<string, Consumer>();
  private readonly queryClient: QueryClient;
  private readonly collectors: Pick<Collector<unknown>, 'start' | 'complaints' | 'drain' | 'end'>[] = [];
  private collects = false;
  private declaring: Promise<void> | undefined;

  constructor(
    private readonly settings: MessagingSettings,
    dataSource: DataSource,
    private readonly logger: Logger,
  ) {
    const { service, instance, topology, rabbitmqUrl: url, rabbitmqTls: tls, connectAttempts } = settings;
    this.publishing = new Connection({ url, tls, connectAttempts, logger, name: `${service}:${instance}:publish` });
    this.consuming = new Connection({ url, tls, connectAttempts, logger, name: `${service}:${instance}:consume` });
    this.publisher = new Publisher(this.publishing, logger);
    this.handOnPublisher = new Publisher(this.publishing, logger);
    const relaySettings = { ...defaultRelaySettings, ...settings.relay };
    const relayBatch = Math.min(relaySettings.batch, this.batchLimit);
    this.relay = new OutboxRelay(dataSource, this.publisher, topology, logger, { ...relaySettings, batch: relayBatch });
    this.notifier = new OutboxNotifier(dataSource, () => this.relay.lookNow(), logger);
    const onPublished = (rows: readonly OutboxRow[]) => {
      this.relay.offer(rows);
      if (!this.publisher.ready) this.notifier.tellOthers();
    };
    this.transactions = new Transactions(dataSource, logger, {
      source: `/orderly/${service}`,
      longestDelaySeconds: longestDelaySeconds(topology.delay),
      mostGrouped: Math.min(mostGrouped, this.batchLimit),
      onPublished,
    });
    this.standingRetries = new StandingRetries(dataSource, this.transactions, logger, settings.standingRetries ?? defaultStandingRetries);
    this.outboxState = new OutboxState(dataSource);
    this.queueDepths = new QueueDepths(this.consuming, topology);
    this.liveFeed = new LiveFeed(this.consuming, topology, replicaQueue(service, 'live', instance), logger);
    this.activity = new ActivityStream(this.publishing, { exchange: topology.activity.exchange, service, instance });
    // Questions and answers are published, so they go where the broker may stop reading, and come where it does not.
    const routing = { exchange: topology.queryExchange, replica: replicaQueue(service, 'answers', instance) };
    this.queryClient = new QueryClient(this.publishing, logger, routing);
    this.queries = new Queries(this.queryClient);
    this.queryServer = new QueryServer(this.consuming, this.queryClient, () => this.declare(), logger);
  }

  private get batchLimit(): number {
    return this.settings.batchLimit ?? Number.POSITIVE_INFINITY;
  }

  handle(queue: string, handler: BatchHandler): void {
    this.add(queue, new BatchConsumer(this.consumerSettings(queue), handler));
  }

  handleAsking(queue: string, handler: AskingHandler<Incoming, unknown, unknown>, askAtOnce: number): void {
    this.add(queue, new AskingConsumer(this.consumerSettings(queue), handler, askAtOnce));
  }

  collectDeadLetters(handler: CollectionHandler<DeadLetter>): void {
    const { transactions, logger, consuming: connection } = this;
    const { topology } = this.settings;
    const prepare = async (_: unknown, again: boolean) => {
      if (again) await this.declare();
    };
    const read = (message: ConsumeMessage) => readDeadLetter(message, topology);
    this.collectors.push(
      new Collector({ queue: topology.deadLetters, connection, transactions, logger, prepare, read, traced: true }, handler),
    );
  }

  collectAuditTrail(handler: CollectionHandler<Passing>): void {
    const { transactions, logger, consuming: connection } = this;
    const { topology } = this.settings;
    this.collects = true;
    const prepare = async (_: unknown, again: boolean) => {
      if (again) await this.declare();
    };
    const settings = { queue: topology.auditTrail.queue, connection, transactions, logger, prepare, read: readPassing };
    this.collectors.push(new Collector(settings, handler));
  }

  collectActivity(handler: CollectionHandler<readonly Activity[]>): void {
    const { transactions, logger, consuming: connection } = this;
    this.collects = true;
    const prepare = async (_: unknown, again: boolean) => {
      if (again) await this.declare();
    };
    const queue = this.settings.topology.activity.queue;
    this.collectors.push(new Collector({ queue, connection, transactions, logger, prepare, read: readActivity }, handler));
  }

  /** Of its consumers, what can be changed while they run. */
  runTimeSettings(): RunTimeSetting[] {
    return [...this.consumers].flatMap(([queue, consumer]) => consumerSettings(queue, this.declarationOf(queue), consumer));
  }

  /**
   * Connects, declares the topology, relays and consumes.
   * @throws BrokerUnreachable, TopologyDrift
   * @throws Error when a queue of this service has no handler
   */
  async start(): Promise<void> {
    const unhandled = Object.keys(this.settings.topology.queues).filter(
      (queue) => queue.startsWith(`${this.settings.service}.`) && !this.consumers.has(queue),
    );
    if (unhandled.length > 0) throw new Error(`no handler consumes ${unhandled.join(', ')}`);
    await Promise.all([this.publishing.start(), this.consuming.start()]);
    await this.declare();
    this.relay.start();
    await this.notifier.start();
    this.standingRetries.onApplicationBootstrap();
    this.queryClient.start();
    this.answerForOutbox();
    this.queryServer.start();
    // A queue that cannot be consumed yet must not keep the others from working: health names it.
    await Promise.race([
      Promise.all([...this.consumers.values(), ...this.collectors].map((consumer) => consumer.start())),
      sleep(10_000, undefined, { ref: false }),
    ]);
  }

  /** What is wrong, in words; nothing when all is well. */
  complaints(): string[] {
    const { publishing, consuming } = this;
    return [
      ...(publishing.model ? [] : ['not connected to publish']),
      ...(consuming.model ? [] : ['not connected to consume']),
      ...(publishing.model && !this.publisher.ready && !publishing.blocked ? ['no channel to publish on'] : []),
      ...(publishing.blocked ? [`publishing is blocked: ${publishing.blocked}`] : []),
      ...this.liveFeed.complaints(),
      ...this.queryServer.complaints(),
      ...[...this.consumers.values(), ...this.collectors].flatMap((consumer) => consumer.complaints()),
    ];
  }

  /** Cancels the consumers, finishes what is in hand within the deadline, and closes. What was not finished is delivered or sent again. */
  async stop(): Promise<void> {
    const consumers = [...this.consumers.values(), ...this.collectors];
    const finish = async () => {
      await Promise.all([...[...consumers, this.queryServer].map((consumer) => consumer.drain()), this.standingRetries.onModuleDestroy()]);
      // Only now: what the consumers have just committed goes out as well.
      await Promise.all([this.notifier.stop(), this.relay.stop()]);
      return true;
    };
    const inTime = await Promise.race([finish(), sleep(this.settings.drainDeadlineMs, false, { ref: false })]);
    if (!inTime) {
      this.logger.warn('stopping with messages in hand; they will be delivered again');
      void this.relay.stop();
      void this.notifier.stop();
    }
    this.activity.end();
    this.liveFeed.end();
    this.queryServer.end();
    this.queryClient.end();
    this.publisher.end();
    this.handOnPublisher.end();
    for (const consumer of consumers) consumer.end();
    await Promise.all([this.publishing.close(), this.consuming.close()]);
  }

  private add(queue: string, consumer: Consumer): void {
    if (this.consumers.has(queue)) throw new Error(`${queue} has two handlers`);
    this.consumers.set(queue, consumer);
  }

  private declarationOf(queue: string): QueueDeclaration {
    const declaration = this.settings.topology.queues[queue];
    if (!declaration) throw new Error(`the topology has no queue ${queue}`);
    return { ...declaration, batch: Math.min(declaration.batch, this.batchLimit) };
  }

  private consumerSettings(queue: string): ConsumerSettings {
    return {
      queue,
      declaration: this.declarationOf(queue),
      topology: this.settings.topology,
      retryDelaysSeconds: this.settings.retryDelaysSeconds ?? retryDelaysSeconds,
      pauseGraceMs: this.settings.pauseGraceMs ?? defaultPauseGraceMs,
      connection: this.consuming,
      publisher: this.handOnPublisher,
      transactions: this.transactions,
      standingRetries: this.standingRetries,
      declare: () => this.declare(),
      logger: this.logger,
    };
  }

  /** Every service that is asked about its outbox answers in the same way. */
  private answerForOutbox(): void {
    const { service, topology } = this.settings;
    const name = `${service}.outbox`;
    if (topology.queries.some((query) => query.name === name)) this.queryServer.addHandler(name, () => this.outboxState.read());
  }

  /** One declaration at a time, whoever asks. */
  private declare(): Promise<void> {
    // Not on the publishing connection: while the broker blocks that, a consumer could not come back and drain the queues.
    const { model } = this.consuming;
    if (!model) return Promise.reject(new Error('not connected'));
    this.declaring ??= this.declareOn(model).finally(() => (this.declaring = undefined));
    return this.declaring;
  }

  private async declareOn(model: ChannelModel): Promise<void> {
    const { topology, service, instance, rabbitmqDeployUrl: url, rabbitmqTls: tls } = this.settings;
    const deployer = url === undefined ? undefined : await connectOnce({ url, tls, name: `${service}:${instance}:deploy` });
    try {
      await declareTopology(deployer ?? model, topology, { withCollections: this.collects });
    } finally {
      await deployer?.close().catch(() => {});
    }
  }
}
