import { connect, type ChannelModel, type ConsumeMessage } from 'amqplib';
import { fastify, type FastifyInstance } from 'fastify';
import { Client } from 'pg';
import { envelopeFromHeaders } from '#libs/contracts';
import { Batches } from './batches.js';
import { Outbox } from './outbox.js';
import type { Incoming } from './said.js';

/** The most that one statement takes, and how much more may wait in the process meanwhile. */
export const batchSize = 100;
const prefetch = 4 * batchSize;

const { DATABASE_URL, RABBITMQ_URL = '', HTTP_PORT, HTTP_HOST } = process.env;

/**
 * A connection for one step, so that steps don't wait for each other. Statements are planned once, when the tables are still empty, so
 * Postgres is told not to read whole what it is given the keys of.
 */
export async function openDatabase(): Promise<Client> {
  const client = new Client({ connectionString: DATABASE_URL, options: '-c enable_seqscan=off -c enable_bitmapscan=off' });
  await client.connect();
  return client;
}

/** A process with one connection to the broker and an HTTP port. */
export class Service {
  private constructor(
    private readonly connection: ChannelModel,
    readonly outbox: Outbox,
    readonly http: FastifyInstance,
  ) {}

  static async open(): Promise<Service> {
    const connection = await connect(RABBITMQ_URL, { noDelay: true });
    const outbox = new Outbox(await connection.createConfirmChannel(), await openDatabase());
    return new Service(connection, outbox, fastify());
  }

  /** Has the messages of a queue handled in batches, and acknowledges each batch when that is done. */
  async consume<Data>(queue: string, handle: (messages: readonly Incoming<Data>[]) => Promise<void>): Promise<void> {
    const channel = await this.connection.createChannel();
    await channel.prefetch(prefetch);
    const batches = new Batches<ConsumeMessage>(batchSize, async (deliveries) => {
      await handle(deliveries.map(read<Data>));
      channel.ack(deliveries[deliveries.length - 1]!, true);
    });
    await channel.consume(queue, (delivery) => batches.add(present(delivery)));
  }

  /** Hears what an exchange says from now on, as every replica does for those who listen to it; here nobody does. */
  async overhear(exchange: string): Promise<void> {
    const channel = await this.connection.createChannel();
    const { queue } = await channel.assertQueue('', { exclusive: true, autoDelete: true, durable: false, maxLength: 10_000 });
    await channel.bindQueue(queue, exchange, '');
    await channel.consume(queue, (delivery) => void present(delivery), { noAck: true });
  }

  /** It consumes already: from here on it says so, and takes requests. */
  async serve(): Promise<void> {
    this.http.get('/health/ready', () => ({ status: 'ok' }));
    await this.http.listen({ port: Number(HTTP_PORT), host: HTTP_HOST ?? '127.0.0.1' });
    process.once('SIGTERM', () => process.exit(0));
  }
}

function read<Data>({ properties, content }: ConsumeMessage): Incoming<Data> {
  return { ...envelopeFromHeaders(properties.headers ?? {}), data: JSON.parse(content.toString()) as Data };
}

/** A missing delivery is how AMQP tells that the consumer was cancelled. */
function present(delivery: ConsumeMessage | null): ConsumeMessage {
  if (!delivery) throw new Error('the broker has cancelled a consumer');
  return delivery;
}
