import { randomUUID } from 'node:crypto';
import { connect, type ConfirmChannel, type ChannelModel } from 'amqplib';
import { Client } from 'pg';
import { expect } from 'vitest';
import { envelopeToHeaders, ExpireOrder, PaymentCaptured, topology } from '#libs/contracts';
import { eventually, freePort, MessageProbe, startWorld, TcpProxy, type World } from '#libs/testing';

type Database = keyof World['databaseUrls'];

/** A world whose provider holds its answers and its webhooks until it is told, with a proxy in every line on which an outcome travels. */
export class Racecourse {
  private readonly locks = new Set<Client>();

  private constructor(
    readonly world: World,
    /** From the provider to the payment service. */
    readonly webhookLine: TcpProxy,
    readonly captures: MessageProbe,
    private readonly databases: Readonly<Record<Database, Client>>,
    private readonly broker: ChannelModel,
    private readonly channel: ConfirmChannel,
  ) {}

  static async open(): Promise<Racecourse> {
    const port = String(await freePort());
    const webhookUrl = `http://127.0.0.1:${port}/webhooks/psp`;
    const webhookLine = await TcpProxy.before(webhookUrl);
    const world = await startWorld({
      proxied: ['payment.rabbitmq', 'payment.psp'],
      envOf: {
        payment: { HTTP_PORT: port },
        // A webhook is tried until the payment service is back, and comes soon after.
        'psp-simulator': {
          WEBHOOK_URL: webhookLine.through(webhookUrl),
          WEBHOOK_FIRST_PAUSE_MS: '100',
          WEBHOOK_LONGEST_PAUSE_MS: '200',
          WEBHOOK_TRIES: '100',
        },
      },
    });
    const databases = {} as Record<Database, Client>;
    for (const [name, connectionString] of Object.entries(world.databaseUrls) as [Database, string][]) {
      databases[name] = new Client({ connectionString });
      await databases[name].connect();
    }
    const captures = await MessageProbe.listen(world.vhost.url, topology.exchanges.event.name, PaymentCaptured.name);
    const broker = await connect(world.vhost.url, { noDelay: true });
    return new Racecourse(world, webhookLine, captures, databases, broker, await broker.createConfirmChannel());
  }

  async close(): Promise<void> {
    await Promise.all([this.captures.close(), this.broker.close(), ...Object.values(this.databases).map((client) => client.end())]);
    await this.world.stop();
    await this.webhookLine.close();
  }

  /** Makes good what a race that stopped half-way has left: the next one is not to fail for it. */
  async mend(): Promise<void> {
    const { world } = this;
    const crashed = world.payment.exit !== undefined;
    for (const line of [this.webhookLine, world.proxy('payment.rabbitmq'), world.proxy('payment.psp')]) {
      if (crashed) line.cut();
      line.restore();
    }
    for (const lock of this.locks) await this.letGo(lock);
    if (crashed) await this.restartPayment();
    await world.vhost.purge(topology.deadLetters);
  }

  async rows<Row>(database: Database, sql: string, parameters: unknown[] = []): Promise<Row[]> {
    return (await this.databases[database].query(sql, parameters)).rows as Row[];
  }

  /** Delivers the message that tells an order of its deadline, and gives back its id. */
  async sayExpire(orderId: string): Promise<string> {
    const id = randomUUID();
    const envelope = {
      id,
      type: ExpireOrder.name,
      source: '/race',
      subject: orderId,
      time: new Date().toISOString(),
      correlationId: orderId,
    };
    this.channel.publish(topology.exchanges.command.name, ExpireOrder.name, Buffer.from(JSON.stringify({ orderId })), {
      messageId: id,
      contentType: 'application/json',
      persistent: true,
      headers: envelopeToHeaders(envelope),
    });
    await this.channel.waitForConfirms();
    return id;
  }

  /** Keeps an order's payment from being written. */
  async lockPayment(orderId: string): Promise<PaymentLock> {
    const holder = new Client({ connectionString: this.world.databaseUrls.payment });
    await holder.connect();
    this.locks.add(holder);
    await holder.query('BEGIN');
    await holder.query('SELECT FROM payments WHERE order_id = $1 FOR UPDATE', [orderId]);
    const { rows } = await holder.query<{ pid: number }>('SELECT pg_backend_pid() AS pid');
    return {
      waitedFor: () =>
        eventually(async () =>
          expect(
            await this.rows('payment', 'SELECT pid FROM pg_stat_activity WHERE $1 = ANY(pg_blocking_pids(pid))', [rows[0]!.pid]),
          ).toHaveLength(1),
        ),
      letGo: () => this.letGo(holder),
    };
  }

  private async letGo(lock: Client): Promise<void> {
    this.locks.delete(lock);
    await lock.end();
  }

  async restartPayment(): Promise<void> {
    await this.world.payment.start();
    await this.world.payment.ready();
  }
}

interface PaymentLock {
  /** Comes back when one transaction waits for it. */
  waitedFor(): Promise<unknown>;
  letGo(): Promise<void>;
}
