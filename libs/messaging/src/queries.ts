import { randomUUID } from 'node:crypto';
import type { Channel } from 'amqplib';
import type { INestApplicationContext, Logger } from '@nestjs/common';
import { ClientProxy, RmqContext, Server, Transport, type ReadPacket, type WritePacket } from '@nestjs/microservices';
import { firstValueFrom, lastValueFrom, TimeoutError, timeout } from 'rxjs';
import type { AnswerOf, QueryType, QuestionOf } from '#libs/contracts';
import { currentTrace, inSpan, isTracing, runInTrace } from '#libs/service';
import type { Connection } from './connection.js';
import { queriesAnswered } from './metrics.js';
import { Subscription, type Delivery } from './subscription.js';

/** Nobody has answered in time, or with anything that makes sense. Its message says which, for whoever reads what is missing. */
export class NoAnswer extends Error {
  override readonly name = 'NoAnswer';
}

const patienceMs = 2_000;

/** Asks other services what they know: at most once, within 2 s or not at all. */
export class Queries {
  constructor(
    private readonly client: QueryClient,
    private readonly withinMs = patienceMs,
  ) {}

  /** @throws NoAnswer, within 2 s */
  async ask<Type extends QueryType>(type: Type, question: QuestionOf<Type>): Promise<AnswerOf<Type>> {
    const ask = () => firstValueFrom(this.client.send(type.name, question).pipe(timeout(this.withinMs)));
    const answer: unknown = await inSpan({ name: `${type.name} ask`, kind: 'client' }, ask).catch((error) => {
      if (error instanceof NoAnswer) throw error;
      throw new NoAnswer(error instanceof TimeoutError ? `no answer within ${this.withinMs} ms` : 'it failed to answer', { cause: error });
    });
    const parsed = type.answer.safeParse(answer);
    if (!parsed.success) throw new NoAnswer('it answered something else than was asked', { cause: parsed.error });
    return parsed.data as AnswerOf<Type>;
  }
}

/**
 * Nest's client over RabbitMQ, on a channel of ours. Its own ClientRMQ brings a connection, keeps questions in memory while that is away
 * and sends them late.
 */
export class QueryClient extends ClientProxy {
  private channel: Channel | undefined;
  private answers = '';
  private readonly subscription: Subscription;
  private count = 0;

  /**
   * @param routing.exchange by which questions go to their queue, and answers come
   * @param routing.replica `<service>.answers.<instance>`: begins the name of the queue that they come to
   */
  constructor(
    private readonly connection: Connection,
    logger: Logger,
    private readonly routing: { readonly exchange: string; readonly replica: string },
    private readonly withinMs = patienceMs,
  ) {
    super();
    this.initializeSerializer({});
    this.initializeDeserializer({});
    this.subscription = new Subscription({
      connection,
      name: 'answers to queries',
      prefetch: 0,
      logger,
      // Direct reply-to does without a queue, but answers to it go by the default exchange, and whoever may publish there reaches every queue.
      prepare: async (channel) => {
        const { exchange, replica } = this.routing;
        // A new name each time: the broker may still hold the last one for a connection that it has not missed yet.
        this.answers = `${replica}.${randomUUID().slice(0, 8)}`;
        await channel.assertQueue(this.answers, { exclusive: true, autoDelete: true, durable: false, maxLength: 10_000 });
        await channel.bindQueue(this.answers, exchange, this.answers);
        this.channel = channel;
        return this.answers;
      },
      onDelivery: ({ message }) => this.receive(String(message.properties.correlationId), message.content),
      onLost: () => this.giveUp(),
    });
  }

  start(): void {
    void this.subscription.start();
  }

  end(): void {
    this.subscription.end();
    this.giveUp();
  }

  /** Sends one packet to one queue, now or never. Returns why not, if it was not. */
  transmit(queue: string, packet: unknown, options: { correlationId: string; [option: string]: unknown }): string | undefined {
    const { channel } = this;
    // Whoever asks in this way, as Nest's own client does, is answered where we may.
    const exchange = queue.startsWith('amq.rabbitmq.reply-to') ? '' : this.routing.exchange;
    // What is written while the broker does not read stays in the memory of this process.
    if (this.connection.blocked !== undefined) return `the broker takes nothing: ${this.connection.blocked}`;
    if (!channel || !this.subscription.alive) return 'the broker is away';
    try {
      channel.publish(exchange, queue, Buffer.from(JSON.stringify(packet)), { contentType: 'application/json', ...options });
      return undefined;
    } catch (error) {
      return `the broker is away: ${(error as Error).message}`;
    }
  }

  override async connect(): Promise<void> {}
  override close(): void {}
  override unwrap(): never {
    throw new TypeError('the connection has an owner');
  }

  protected override publish({ pattern, data }: ReadPacket, callback: (packet: WritePacket) => void): () => void {
    const id = String((this.count += 1));
    this.routingMap.set(id, callback);
    const failure = this.transmit(
      String(pattern),
      { pattern: String(pattern), data, id },
      {
        correlationId: id,
        replyTo: this.answers,
        // One that is still waiting when its asker has given up is not answered for nothing.
        expiration: this.withinMs,
        persistent: false,
        headers: { traceparent: currentTrace()?.traceparent },
      },
    );
    if (failure !== undefined) callback({ err: new NoAnswer(failure) });
    return () => this.routingMap.delete(id);
  }

  protected override async dispatchEvent(): Promise<never> {
    throw new TypeError('what has happened is said by tx.publish: here it would be lost with the process');
  }

  private receive(id: string, content: Buffer): void {
    const callback = this.routingMap.get(id);
    // An answer that came too late.
    if (!callback) return;
    try {
      const { err, response } = JSON.parse(content.toString('utf8')) as WritePacket;
      callback({ err, response, isDisposed: true });
    } catch (error) {
      callback({ err: error });
    }
  }

  /** Answers find only the channel that asked. */
  private giveUp(): void {
    this.channel = undefined;
    const waiting = [...this.routingMap.values()];
    this.routingMap.clear();
    for (const callback of waiting) callback({ err: new NoAnswer('the broker went away') });
  }
}

/** The most questions of one kind that a replica answers at once. The others wait in the queue, and expire there. */
const atOnce = 4;

/**
 * Nest's server over RabbitMQ, on channels of ours: it answers what `@MessagePattern` handles. Its own ServerRMQ never comes back when the
 * broker cancels its consumer, takes any number of questions at once, and leaves rejections to nobody, which end the process, when the
 * broker goes away at the wrong moment or somebody asks without saying where to answer.
 */
export class QueryServer extends Server {
  override transportId = Transport.RMQ;
  private subscriptions: Subscription[] = [];
  private readonly inHand = new Set<Promise<void>>();

  constructor(
    private readonly connection: Connection,
    private readonly client: QueryClient,
    private readonly declare: () => Promise<void>,
    private readonly logs: Logger,
  ) {
    super();
    this.initializeSerializer({});
    this.initializeDeserializer({});
  }

  /** Called by Nest. Questions are taken once the broker is connected and its queues are declared. */
  listen(ready: () => void): void {
    ready();
  }

  /** Called by Nest, when everything has ended already: with the consumers, of which this is one. */
  close(): void {}
  on(): void {}
  unwrap(): never {
    throw new TypeError('the connection has an owner');
  }

  start(): void {
    this.subscriptions = [...this.messageHandlers.keys()].map((queue) => {
      const subscription: Subscription = new Subscription({
        connection: this.connection,
        name: queue,
        prefetch: atOnce,
        logger: this.logs,
        prepare: async (_, again) => {
          if (again) await this.declare();
          return queue;
        },
        onDelivery: (delivery) => {
          const answering = this.answer(queue, delivery).finally(() => {
            subscription.acknowledge(delivery);
            this.inHand.delete(answering);
          });
          this.inHand.add(answering);
        },
        onLost: () => {},
      });
      void subscription.start();
      return subscription;
    });
  }

  /** What is wrong, in words; nothing when all is well. */
  complaints(): string[] {
    return this.subscriptions.filter(({ alive }) => !alive).map(({ name }) => `${name} has no consumer`);
  }

  /** Takes nothing new and finishes what is in hand. */
  async drain(): Promise<void> {
    await Promise.all(this.subscriptions.map((subscription) => subscription.cancel()));
    await Promise.all(this.inHand);
  }

  end(): void {
    for (const subscription of this.subscriptions) subscription.end();
  }

  /** Never throws: whoever asked learns of it, or of nothing. */
  private async answer(queue: string, { message, channel }: Delivery): Promise<void> {
    const { correlationId, replyTo, headers } = message.properties as {
      correlationId?: string;
      replyTo?: string;
    } & Delivery['message']['properties'];
    let packet: WritePacket;
    try {
      const { data } = JSON.parse(message.content.toString('utf8')) as ReadPacket;
      const context = new RmqContext([message, channel, queue]);
      const work = async () => lastValueFrom(this.transformToObservable(await this.getHandlerByPattern(queue)!(data, context)));
      const traceparent = headers?.['traceparent'] as string | undefined;
      const response: unknown = isTracing()
        ? await inSpan({ name: `${queue} answer`, kind: 'server', parent: traceparent }, work)
        : await runInTrace(traceparent, work);
      packet = { response, isDisposed: true };
    } catch (error) {
      this.logs.warn(`${queue}: a question was not answered: ${describe(error)}`);
      packet = { err: { status: 'error', message: 'it failed' }, isDisposed: true };
    }
    queriesAnswered.inc({ query: queue, outcome: packet.err === undefined ? 'answered' : 'failed' });
    if (!replyTo || !correlationId) return;
    const failure = this.client.transmit(replyTo, { ...packet, id: correlationId }, { correlationId, persistent: false });
    if (failure !== undefined) this.logs.debug(`${queue}: an answer was dropped: ${failure}`);
  }
}

/** What `startService` takes so that a service answers queries. */
export const queryServer = (app: INestApplicationContext): QueryServer => app.get(QueryServer);

function describe(error: unknown): string {
  return String((error as { message?: unknown } | undefined)?.message ?? error);
}
