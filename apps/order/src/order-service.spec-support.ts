import 'reflect-metadata';
import { randomUUID } from 'node:crypto';
import { NestFactory } from '@nestjs/core';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { connect, type ChannelModel, type ConfirmChannel } from 'amqplib';
import { register } from 'prom-client';
import { DataSource } from 'typeorm';
import { envelopeToHeaders, RefundPayment, topology, type DataOf, type MessageType } from '#libs/contracts';
import { httpSurface } from '#libs/http';
import { activityOf, queryServer } from '#libs/messaging';
import { parseConfig, requestTrace } from '#libs/service';
import { asCustomer, emptyDatabase, eventually, MessageProbe, callersEnvironment, testVhost, type TestVhost } from '#libs/testing';
import { orderConfig, type OrderConfig } from './config.js';
import type { OrderStatus } from './order/order-state.js';
import type { OrderView } from './order/order-view.js';
import { OrderModule } from './order.module.js';

/** The order service in this process, on a database and a vhost of its own, and what a spec does to it from outside. */
export class OrderService {
  private constructor(
    readonly app: NestFastifyApplication,
    readonly url: string,
    private readonly config: OrderConfig,
    readonly vhost: TestVhost,
    private readonly broker: ChannelModel,
    private readonly channel: ConfirmChannel,
    /** What the service says from its start on. */
    private readonly said: { events: MessageProbe; refunds: MessageProbe; delayed: MessageProbe },
    private readonly dropDatabase: () => Promise<void>,
  ) {}

  static async start(environment: Record<string, string> = {}): Promise<OrderService> {
    const [database, vhost] = await Promise.all([emptyDatabase('order'), testVhost('order')]);
    const config = parseConfig(orderConfig, {
      env: {
        ...callersEnvironment(),
        DATABASE_URL: database.url,
        RABBITMQ_URL: vhost.url,
        HTTP_PORT: '0',
        HTTP_HOST: '127.0.0.1',
        CURSOR_SECRET: 'a secret for specs only',
        // Specs that are about the sweeper call it themselves.
        OVERDUE_SWEEP_INTERVAL_MS: '3600000',
        ...environment,
      },
    });
    const app = await start(config);
    const said = {
      events: await MessageProbe.listen(vhost.url, topology.exchanges.event.name),
      refunds: await MessageProbe.listen(vhost.url, topology.exchanges.command.name, RefundPayment.name),
      delayed: await MessageProbe.listen(vhost.url, topology.delay.name),
    };
    const broker = await connect(vhost.url);
    return new OrderService(app, await app.getUrl(), config, vhost, broker, await broker.createConfirmChannel(), said, () =>
      database.drop(),
    );
  }

  /** A second process of this service, as far as the database and the broker can see. */
  async replica(): Promise<{ url: string; close(): Promise<void> }> {
    const app = await start(this.config);
    return { url: await app.getUrl(), close: () => app.close() };
  }

  async stop(): Promise<void> {
    await Promise.all([this.broker.close(), ...Object.values(this.said).map((probe) => probe.close())]);
    await this.app.close();
    await Promise.all([this.dropDatabase(), this.vhost.drop()]);
  }

  get rows(): DataSource {
    return this.app.get(DataSource);
  }

  get(path: string, caller: Record<string, string> = asCustomer('alice')): Promise<Response> {
    return fetch(this.url + path, { headers: caller });
  }

  post(path: string, body?: object, headers: Record<string, string> = {}): Promise<Response> {
    return fetch(this.url + path, {
      method: 'POST',
      headers: {
        ...asCustomer('alice'),
        ...(body && { 'content-type': 'application/json', 'idempotency-key': randomUUID() }),
        ...headers,
      },
      ...(body && { body: JSON.stringify(body) }),
    });
  }

  /** Places an order of two mugs. */
  async place(over: object = {}, headers: Record<string, string> = {}): Promise<OrderView> {
    const response = await this.post(
      '/orders',
      { items: [{ sku: 'MUG-STONEWARE', quantity: 2 }], email: 'alice@example.com', ...over },
      headers,
    );
    if (response.status !== 201) throw new Error(`placing answered ${response.status}: ${await response.text()}`);
    return (await response.json()) as OrderView;
  }

  /** Says a message as another service would, twice, and waits until the second delivery was told apart. Returns its id. */
  async hearTwice<Type extends MessageType>(type: Type, data: DataOf<Type> & { orderId: string }): Promise<string> {
    const duplicates = await countOf('duplicate');
    const id = await this.hear(type, data, 2);
    await eventually(async () => {
      if ((await countOf('duplicate')) === duplicates) throw new Error(`the second ${type.name} was not seen`);
    });
    return id;
  }

  /** Says a message as another service would. Returns its id. */
  async hear<Type extends MessageType>(type: Type, data: DataOf<Type> & { orderId: string }, deliveries = 1): Promise<string> {
    const id = randomUUID();
    const headers = envelopeToHeaders({
      id,
      type: type.name,
      source: '/orderly/spec',
      subject: data.orderId,
      time: new Date().toISOString(),
      correlationId: data.orderId,
    });
    for (let delivery = 1; delivery <= deliveries; delivery++) {
      this.channel.publish(topology.exchanges[type.kind].name, type.name, Buffer.from(JSON.stringify(data)), {
        headers,
        messageId: id,
        contentType: 'application/json',
        persistent: true,
        mandatory: true,
      });
    }
    await this.channel.waitForConfirms();
    return id;
  }

  /** What the service has said about an order, in the order of saying; waits until the outbox is empty. */
  async saidAbout(orderId: string): Promise<{ type: string; data: Record<string, unknown> }[]> {
    await eventually(async () => {
      const [{ left }] = (await this.rows.query('SELECT count(*)::integer AS left FROM outbox')) as [{ left: number }];
      if (left > 0) throw new Error(`${left} rows are still in the outbox`);
    });
    const { events, refunds } = this.said;
    return [...events.messages, ...refunds.messages]
      .map(({ routingKey, body }) => ({ type: routingKey, data: body as Record<string, unknown> }))
      .filter(({ type, data }) => data['orderId'] === orderId && (type.startsWith('order.') || type === RefundPayment.name));
  }

  /** How often the service has set a timer for an order, of those that wait in a lane: the window of 900 s has one. */
  timersOf(orderId: string): number {
    return this.said.delayed.messages.filter(({ body }) => (body as { orderId?: string }).orderId === orderId).length;
  }

  async statusOf(orderId: string): Promise<OrderStatus> {
    const [row] = await this.rows.query<{ status: OrderStatus }[]>('SELECT status FROM orders WHERE id = $1', [orderId]);
    return row!.status;
  }

  /** What an order went through, as `status cause`. */
  async historyOf(orderId: string): Promise<string[]> {
    const rows = await this.rows.query<{ line: string }[]>(
      `SELECT to_status || ' ' || cause AS line FROM order_history WHERE order_id = $1 ORDER BY sequence`,
      [orderId],
    );
    return rows.map(({ line }) => line);
  }
}

async function start(config: OrderConfig): Promise<NestFastifyApplication> {
  const http = httpSurface({ title: 'orders', description: 'in a spec', trace: requestTrace, activity: activityOf, config });
  const app = await NestFactory.create<NestFastifyApplication>(OrderModule.with(config), http.adapter, {
    logger: false,
    abortOnError: false,
  });
  await http.prepare(app);
  app.connectMicroservice({ strategy: queryServer(app) });
  await app.startAllMicroservices();
  await app.listen(0, '127.0.0.1');
  return app;
}

/** How many messages this process has dealt with so. */
export async function countOf(outcome: 'duplicate' | 'too_late' | 'retried' | 'dead'): Promise<number> {
  const { values } = await register.getSingleMetric('orderly_messages_handled_total')!.get();
  return values.filter(({ labels }) => labels['outcome'] === outcome).reduce((sum, { value }) => sum + value, 0);
}
