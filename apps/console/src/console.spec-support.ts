import 'reflect-metadata';
import { randomUUID } from 'node:crypto';
import { NestFactory } from '@nestjs/core';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { connect, type ChannelModel, type ConfirmChannel, type GetMessage } from 'amqplib';
import { DataSource } from 'typeorm';
import { CapturePayment, DeadLetterReplayed, envelopeToHeaders, topology, type DataOf } from '#libs/contracts';
import { httpSurface } from '#libs/http';
import { activityOf } from '#libs/messaging';
import { parseConfig, requestTrace } from '#libs/service';
import { asOperator, emptyDatabase, eventually, callersEnvironment, testVhost, type TestVhost } from '#libs/testing';
import { consoleConfig } from './config.js';
import { ConsoleModule } from './console.module.js';
import type { LetterView, LetterWithHistoryView } from './letter/letter-view.js';

/** What a spec may say of a dead letter, beside its body. */
interface Death {
  readonly id?: string;
  readonly type?: string;
  readonly queue?: string;
  readonly error?: string;
  readonly reason?: string;
  /** The replay that it has died of. */
  readonly replayId?: string | undefined;
  readonly headers?: Record<string, unknown>;
}

export const captureQueue = 'payment.capture-payment';

/** The console in this process, on a database and a vhost of its own. The other services are played by the spec. */
export class ConsoleFixture {
  private constructor(
    readonly app: NestFastifyApplication,
    readonly url: string,
    readonly vhost: TestVhost,
    private readonly broker: ChannelModel,
    readonly channel: ConfirmChannel,
    private readonly dropDatabase: () => Promise<void>,
  ) {}

  static async start(): Promise<ConsoleFixture> {
    const [database, vhost] = await Promise.all([emptyDatabase('console'), testVhost('console')]);
    const config = parseConfig(consoleConfig, {
      env: {
        ...callersEnvironment(),
        DATABASE_URL: database.url,
        RABBITMQ_URL: vhost.url,
        HTTP_PORT: '0',
        CURSOR_SECRET: 'a secret for specs only',
      },
    });
    const http = httpSurface({ title: 'console', description: 'in a spec', trace: requestTrace, activity: activityOf, config });
    const app = await NestFactory.create<NestFastifyApplication>(ConsoleModule.with(config), http.adapter, {
      logger: false,
      abortOnError: false,
    });
    await http.prepare(app);
    await app.listen(0, '127.0.0.1');
    const broker = await connect(vhost.url);
    return new ConsoleFixture(app, await app.getUrl(), vhost, broker, await broker.createConfirmChannel(), () => database.drop());
  }

  async stop(): Promise<void> {
    await this.broker.close();
    await this.app.close();
    await Promise.all([this.dropDatabase(), this.vhost.drop()]);
  }

  /** Forgets what an earlier story has left. */
  async reset(): Promise<void> {
    await this.rows.query('TRUNCATE dead_letter_history, dead_letters, audit, outbox, inbox');
    await this.vhost.purge(captureQueue);
  }

  get rows(): DataSource {
    return this.app.get(DataSource);
  }

  /** Parks a message as the consumer of a queue does, and comes back with its id when the broker has it. */
  async park(body: string | Buffer | object, death: Death = {}): Promise<string> {
    const { id = randomUUID(), type = CapturePayment.name, queue = captureQueue, replayId } = death;
    const headers = {
      ...envelopeToHeaders({ id, type, source: '/spec', subject: orderId, time: new Date().toISOString(), correlationId: orderId }),
      'orderly-queue': queue,
      'orderly-attempt': 6,
      'orderly-reason': death.reason ?? 'attempts-exhausted',
      'orderly-error': death.error ?? 'Error: it broke',
      'orderly-dead-at': new Date().toISOString(),
      ...(replayId && { 'orderly-replay': replayId }),
      ...death.headers,
    };
    const content = Buffer.isBuffer(body) ? body : Buffer.from(typeof body === 'string' ? body : JSON.stringify(body));
    this.channel.publish(topology.deadLetters, queue, content, { persistent: true, messageId: id, type, headers });
    await this.channel.waitForConfirms();
    return id;
  }

  /** {@link park}, and the letter when it is here. */
  async parked(body: string | Buffer | object = aCapture, death: Death = {}): Promise<LetterView> {
    const messageId = await this.park(body, death);
    return eventually(async () => {
      const found = (await this.list()).find((letter) => letter.messageId === messageId && letter.status === 'parked');
      if (!found) throw new Error(`${messageId} is not parked`);
      return found;
    });
  }

  /** What the queue that was given a letter again says of it. */
  async say(outcome: DataOf<typeof DeadLetterReplayed>['outcome'], letter: { replayId: string; messageId: string }, id = randomUUID()) {
    const data = { ...letter, queue: captureQueue, outcome };
    const headers = envelopeToHeaders({
      id,
      type: DeadLetterReplayed.name,
      source: '/orderly/payment',
      subject: orderId,
      time: new Date().toISOString(),
      correlationId: orderId,
    });
    this.channel.publish('orderly.events', DeadLetterReplayed.name, Buffer.from(JSON.stringify(data)), { messageId: id, headers });
    await this.channel.waitForConfirms();
  }

  /** What the console has sent to the queue that failed: waits for so many, and takes them out. */
  async delivered(count: number): Promise<GetMessage[]> {
    await eventually(async () => {
      const { messages } = await this.vhost.depth(captureQueue);
      const waiting = await this.waitingInOutbox();
      if (messages !== count || waiting > 0) throw new Error(`${messages} messages are in ${captureQueue}, and ${waiting} wait to be sent`);
    });
    const taken: GetMessage[] = [];
    for (let index = 0; index < count; index += 1) taken.push((await this.vhost.take(captureQueue))!);
    return taken;
  }

  async waitingInOutbox(): Promise<number> {
    const [row] = await this.rows.query<{ count: number }[]>('SELECT count(*)::integer AS count FROM outbox');
    return row!.count;
  }

  get(path: string, headers: Record<string, string> = asOperator('olga')): Promise<Response> {
    return fetch(this.url + path, { headers });
  }

  post(path: string, body: object, operator = 'olga'): Promise<Response> {
    return fetch(this.url + path, {
      method: 'POST',
      headers: { ...asOperator(operator), 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
  }

  async list(query = 'limit=100'): Promise<LetterView[]> {
    return ((await (await this.get(`/dead-letters?${query}`)).json()) as { items: LetterView[] }).items;
  }

  async show(id: string): Promise<LetterWithHistoryView> {
    return (await (await this.get(`/dead-letters/${id}`)).json()) as LetterWithHistoryView;
  }

  /** Waits until a letter is in this state. */
  sees(id: string, status: string): Promise<LetterWithHistoryView> {
    return eventually(async () => {
      const letter = await this.show(id);
      if (letter.status !== status) throw new Error(`it is ${letter.status}, and not ${status}`);
      return letter;
    });
  }

  /** Replays a letter, and comes back with the replay's id. */
  async replay(id: string): Promise<string> {
    const response = await this.post(`/dead-letters/${id}/replay`, { reason: 'in a spec' });
    if (response.status !== 202) throw new Error(`replaying answered ${response.status}: ${await response.text()}`);
    return ((await response.json()) as { replayId: string }).replayId;
  }

  audit(): Promise<{ operator: string; action: string; reason: string; what: object }[]> {
    return this.rows.query('SELECT operator, action, reason, what FROM audit ORDER BY at, id');
  }
}

export const orderId = '0199b3a0-0000-7000-8000-000000000001';
export const aCapture = CapturePayment.example;
