import { randomBytes } from 'node:crypto';
import { connect, type Channel, type ChannelModel, type GetMessage } from 'amqplib';
import { managementRequest } from './management-api.js';

export interface QueueOnBroker {
  readonly name: string;
  readonly type: string;
  /** False for one that goes with its connection. */
  readonly durable: boolean;
  readonly arguments: Readonly<Record<string, unknown>>;
}

interface BrokerAddresses {
  readonly url: string;
  readonly managementUrl: string;
}

/** A virtual host of a test's own on the broker: its exchanges and queues are nobody else's. */
export interface TestVhost {
  readonly name: string;
  readonly url: string;
  readonly managementUrl: string;
  /** Every queue, by name. */
  queues(): Promise<QueueOnBroker[]>;
  /** Messages that are ready in a queue, and its consumers, as of now. */
  depth(queue: string): Promise<{ messages: number; consumers: number }>;
  /** Takes the next message out of a queue; undefined when there is none. */
  take(queue: string): Promise<GetMessage | undefined>;
  purge(queue: string): Promise<void>;
  deleteQueue(queue: string): Promise<void>;
  /** A call of the management API; `{vhost}` in the path stands for this vhost. */
  manage(method: string, path: string, body?: object): Promise<unknown>;
  /** Removes it with all that is in it and closes its connections. */
  drop(): Promise<void>;
}

/** A fresh vhost for one spec file; on the broker of the test run unless another is given. */
export async function testVhost(prefix = 'test', broker?: BrokerAddresses): Promise<TestVhost> {
  const { url: brokerUrl, managementUrl } = broker ?? brokerAddresses();
  const name = `${prefix}_${randomBytes(4).toString('hex')}`;
  const url = await makeVhost(name, { url: brokerUrl, managementUrl });
  const manage = (method: string, path: string, body?: object) =>
    managementRequest(managementUrl, method, path.replaceAll('{vhost}', name), body);
  const session = new ChannelInVhost(url);
  return {
    name,
    url,
    managementUrl,
    manage,
    queues: async () => (await manage('GET', '/api/queues/{vhost}')) as QueueOnBroker[],
    async depth(queue) {
      const { messageCount, consumerCount } = await session.use((channel) => channel.checkQueue(queue));
      return { messages: messageCount, consumers: consumerCount };
    },
    take: async (queue) => (await session.use((channel) => channel.get(queue, { noAck: true }))) || undefined,
    purge: async (queue) => void (await session.use((channel) => channel.purgeQueue(queue))),
    deleteQueue: async (queue) => void (await session.use((channel) => channel.deleteQueue(queue))),
    async drop() {
      await session.close();
      await manage('DELETE', '/api/vhosts/{vhost}');
    },
  };
}

/** A vhost in which the broker's administrator may do everything, which may be there already. Answers its address. */
export async function makeVhost(name: string, { url: brokerUrl, managementUrl }: BrokerAddresses): Promise<string> {
  const url = new URL(brokerUrl);
  url.pathname = `/${name}`;
  const user = url.username || 'guest';
  await managementRequest(managementUrl, 'PUT', `/api/vhosts/${name}`);
  await managementRequest(managementUrl, 'PUT', `/api/permissions/${name}/${user}`, { configure: '.*', write: '.*', read: '.*' });
  return url.href;
}

/** One connection, opened when it is first needed. A failed call costs its channel, so that each call has its own. */
class ChannelInVhost {
  private connection?: Promise<ChannelModel>;

  constructor(private readonly url: string) {}

  async use<T>(work: (channel: Channel) => Promise<T>): Promise<T> {
    const connection = await (this.connection ??= this.open());
    const channel = await connection.createChannel();
    let closed = false;
    channel.on('error', () => (closed = true));
    try {
      return await work(channel);
    } finally {
      if (!closed) await channel.close();
    }
  }

  async close(): Promise<void> {
    await (await this.connection)?.close();
    this.connection = undefined;
  }

  private async open(): Promise<ChannelModel> {
    const connection = await connect(this.url, { clientProperties: { connection_name: 'test vhost' } });
    connection.on('error', () => {});
    connection.on('close', () => (this.connection = undefined));
    return connection;
  }
}

function brokerAddresses(): BrokerAddresses {
  const url = process.env['ORDERLY_RABBITMQ_URL'];
  const managementUrl = process.env['ORDERLY_RABBITMQ_MANAGEMENT_URL'];
  if (url && managementUrl) return { url, managementUrl };
  throw new Error('ORDERLY_RABBITMQ_URL is not set: specs that need RabbitMQ are named *.int.spec.ts, for which the test run starts one');
}
