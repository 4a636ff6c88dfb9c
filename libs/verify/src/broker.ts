import { connect, type Channel, type ChannelModel } from 'amqplib';
import { envelopeFromHeaders } from '#libs/contracts';
import { Unreachable } from './unreachable.js';

/** Messages of one queue. */
export interface QueueDepth {
  readonly name: string;
  readonly ready: number;
  /** With a consumer that has not acknowledged them yet. */
  readonly inHand: number;
}

interface ListedQueue {
  readonly name: string;
  readonly messages_unacknowledged?: number;
}

/** What waits on the broker. Nothing is declared, consumed or moved. */
export class Broker {
  private constructor(
    private readonly connection: ChannelModel,
    private readonly managementUrl: URL,
    private readonly vhost: string,
  ) {}

  /** @throws Unreachable */
  static async open({ url, managementUrl }: { url: string; managementUrl: string }): Promise<Broker> {
    try {
      const connection = await connect(url, { timeout: 10_000, clientProperties: { connection_name: 'orderly-verify' } });
      connection.on('error', () => {});
      // In an AMQP address, no path stands for the virtual host "/". https://www.rabbitmq.com/docs/uri-spec
      return new Broker(connection, new URL(managementUrl), decodeURIComponent(new URL(url).pathname.slice(1)) || '/');
    } catch (error) {
      throw new Unreachable('RabbitMQ', error);
    }
  }

  /**
   * Every queue whose name `includes` takes. What is ready is counted now; what is in hand is as the management API last heard, which may
   * be five seconds ago.
   */
  async depths(includes: (name: string) => boolean): Promise<QueueDepth[]> {
    const listed = (await this.list()).filter(({ name }) => includes(name));
    return this.onChannel(async (channel) => {
      const depths: QueueDepth[] = [];
      for (const { name, messages_unacknowledged: inHand = 0 } of listed) {
        const { messageCount: ready } = await channel.checkQueue(name);
        depths.push({ name, ready, inHand });
      }
      return depths;
    });
  }

  /** The first messages of a queue, in words. They are taken and given back, to where they were. */
  async peek(queue: string, limit: number): Promise<string[]> {
    return this.onChannel(async (channel) => {
      const seen: string[] = [];
      while (seen.length < limit) {
        const message = await channel.get(queue, { noAck: false });
        if (!message) break;
        seen.push(`${message.fields.routingKey}: ${describe(message.properties.headers ?? {})}`);
      }
      channel.nackAll(true);
      return seen;
    });
  }

  async close(): Promise<void> {
    await this.connection.close().catch(() => {});
  }

  private async list(): Promise<ListedQueue[]> {
    const { origin, username, password } = this.managementUrl;
    const credentials = Buffer.from(`${decodeURIComponent(username)}:${decodeURIComponent(password)}`).toString('base64');
    const path = `/api/queues/${encodeURIComponent(this.vhost)}?columns=name,messages_unacknowledged`;
    try {
      const response = await fetch(origin + path, {
        headers: { authorization: `Basic ${credentials}` },
        signal: AbortSignal.timeout(10_000),
      });
      if (!response.ok) throw new Error(`it answered ${response.status} to GET ${path}`);
      return (await response.json()) as ListedQueue[];
    } catch (error) {
      throw new Unreachable("RabbitMQ's management API", error);
    }
  }

  private async onChannel<T>(work: (channel: Channel) => Promise<T>): Promise<T> {
    try {
      const channel = await this.connection.createChannel();
      channel.on('error', () => {});
      const result = await work(channel);
      await channel.close();
      return result;
    } catch (error) {
      throw new Unreachable('RabbitMQ', error);
    }
  }
}

function describe(headers: Readonly<Record<string, unknown>>): string {
  try {
    const { type, id } = envelopeFromHeaders(headers);
    return `${type} ${id}`;
  } catch (error) {
    return (error as Error).message;
  }
}
