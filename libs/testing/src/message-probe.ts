import { connect, type ChannelModel, type ConsumeMessage } from 'amqplib';
import { eventually } from './eventually.js';

export interface ProbedMessage {
  readonly routingKey: string;
  readonly messageId: string | undefined;
  readonly headers: Readonly<Record<string, unknown>>;
  /** The parsed JSON body; the bare text when it is not JSON. */
  readonly body: unknown;
  readonly raw: ConsumeMessage;
}

/** Listens in on an exchange, on a queue of its own that goes when it closes. */
export class MessageProbe {
  readonly messages: ProbedMessage[] = [];

  private constructor(private readonly connection: ChannelModel) {}

  /**
   * Comes back when everything published from now on will be seen.
   * @param pattern the binding key; '#' takes everything from a topic or fanout exchange
   */
  static async listen(rabbitmqUrl: string, exchange: string, pattern = '#'): Promise<MessageProbe> {
    const connection = await connect(rabbitmqUrl, { noDelay: true, clientProperties: { connection_name: 'message probe' } });
    const probe = new MessageProbe(connection);
    connection.on('error', () => {});
    const channel = await connection.createChannel();
    channel.on('error', () => {});
    try {
      const { queue } = await channel.assertQueue('', { exclusive: true, autoDelete: true });
      await channel.bindQueue(queue, exchange, pattern);
      await channel.consume(queue, (message) => message && probe.messages.push(read(message)), { noAck: true });
    } catch (error) {
      await connection.close().catch(() => {});
      throw error;
    }
    return probe;
  }

  /** What has been seen with this routing key. */
  of(routingKey: string): ProbedMessage[] {
    return this.messages.filter((message) => message.routingKey === routingKey);
  }

  /**
   * The first message that fits, seen already or still to come.
   * @param options.within milliseconds; 5000 if left out
   */
  first(routingKey: string, fits: (message: ProbedMessage) => boolean = () => true, options?: { within?: number }): Promise<ProbedMessage> {
    return eventually(() => {
      const found = this.of(routingKey).find(fits);
      if (found) return found;
      const seen = this.messages.map((message) => message.routingKey).join(', ') || 'nothing';
      throw new Error(`no fitting ${routingKey} was seen, but ${seen}`);
    }, options);
  }

  async close(): Promise<void> {
    await this.connection.close().catch(() => {});
  }
}

function read(raw: ConsumeMessage): ProbedMessage {
  const text = raw.content.toString('utf8');
  let body: unknown = text;
  try {
    body = JSON.parse(text);
  } catch {
    // Not JSON: the text it is.
  }
  return { routingKey: raw.fields.routingKey, messageId: raw.properties.messageId, headers: raw.properties.headers ?? {}, body, raw };
}
