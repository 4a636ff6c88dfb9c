import type { ConfirmChannel, Message } from 'amqplib';
import type { Logger } from '@nestjs/common';
import type { Connection } from './connection.js';
import { backoffMs } from './retry-policy.js';

/** A message on its way to an exchange. */
export interface Outgoing {
  readonly exchange: string;
  readonly routingKey: string;
  /** AMQP message id; also how a returned message is told from the others. */
  readonly id: string;
  readonly type: string;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly body: Buffer;
}

/**
 * What the broker said. `refused`: this message was not taken (returned as unroutable, nacked, or impossible to encode).
 * `unknown`: the channel or the connection ended first, so it may or may not have been taken; send it again.
 */
export type Outcome =
  | { readonly kind: 'confirmed' }
  | { readonly kind: 'refused'; readonly reason: string }
  | { readonly kind: 'unknown'; readonly reason: string };

const confirmed: Outcome = { kind: 'confirmed' };

/**
 * Sends batches with pipelined confirms on a channel of its own. Nothing is buffered here: while the broker is away or has blocked the
 * connection, `ready` is false and sending answers `unknown` at once, because the outbox is the buffer.
 *
 * Every message is `mandatory`. A message that reached no queue comes back as `basic.return` before its confirm
 * (https://www.rabbitmq.com/docs/confirms#when-publishes-are-confirmed), so the confirm alone would be a lie.
 */
export class Publisher {
  private channel: ConfirmChannel | undefined;
  private readonly returned = new Map<string, string>();
  private closed = false;
  private openFailures = 0;
  private readonly readyListeners: (() => void)[] = [];
  /** Why the broker closed the last channel, when it did: one of the messages just sent made it. */
  private channelError: string | undefined;

  constructor(
    private readonly connection: Connection,
    private readonly logger: Logger,
    private readonly confirmTimeoutMs = 10_000,
  ) {
    connection.onConnect(() => void this.open());
  }

  get ready(): boolean {
    return this.channel !== undefined && this.connection.blocked === undefined;
  }

  onReady(listener: () => void): void {
    this.readyListeners.push(listener);
  }

  /** Sends them all, then waits for what the broker says of each. Never throws; the answers are in the order of the messages. */
  async send(messages: readonly Outgoing[]): Promise<Outcome[]> {
    const channel = this.channel;
    const { blocked } = this.connection;
    if (!channel || blocked) return messages.map(() => ({ kind: 'unknown', reason: blocked ? `blocked: ${blocked}` : 'not connected' }));
    this.channelError = undefined;
    let timer: NodeJS.Timeout | undefined;
    const timeout = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, this.confirmTimeoutMs);
    });
    const outcomes: Outcome[] = messages.map(() => ({ kind: 'unknown', reason: 'no confirm in time' }));
    const answered = Promise.all(messages.map(async (message, index) => (outcomes[index] = await this.sendOne(channel, message))));
    await Promise.race([answered, timeout]);
    clearTimeout(timer);
    if (outcomes.some((outcome) => outcome.kind === 'unknown') && this.channel === channel) {
      // A confirm that is still out would be counted for nobody: start over on a clean channel.
      this.channel = undefined;
      channel.close().catch(() => {});
      void this.open();
    }
    return outcomes;
  }

  /** Whether the broker closed the channel because of something in the last batch: then the culprit must be found alone. */
  get lastBatchBrokeChannel(): boolean {
    return this.channelError !== undefined;
  }

  /** From here on nothing is sent; the channel ends with its connection. */
  end(): void {
    this.closed = true;
    this.channel = undefined;
  }

  private sendOne(channel: ConfirmChannel, message: Outgoing): Promise<Outcome> {
    return new Promise((resolve) => {
      const options = {
        mandatory: true,
        persistent: true,
        contentType: 'application/json',
        messageId: message.id,
        type: message.type,
        headers: message.headers,
      };
      try {
        channel.publish(message.exchange, message.routingKey, message.body, options, (error: Error | null) => {
          const returned = this.returned.get(message.id);
          this.returned.delete(message.id);
          if (returned) resolve({ kind: 'refused', reason: `unroutable: ${returned} (${message.exchange} ${message.routingKey})` });
          else if (!error) resolve(confirmed);
          else if (/nack/i.test(error.message)) resolve({ kind: 'refused', reason: `nacked by ${message.exchange}` });
          else resolve({ kind: 'unknown', reason: this.channelError ?? error.message });
        });
      } catch (error) {
        const { name, message: reason } = error as Error;
        resolve(
          name === 'IllegalOperationError' ? { kind: 'unknown', reason } : { kind: 'refused', reason: `cannot be encoded: ${reason}` },
        );
      }
    });
  }

  private async open(): Promise<void> {
    const model = this.connection.model;
    if (!model || this.channel || this.closed) return;
    try {
      const channel = await model.createConfirmChannel();
      if (this.closed || this.connection.model !== model) return;
      // Without this listener amqplib lets a channel error (a missing exchange, say) take the whole connection down.
      channel.on('error', (error: Error) => {
        this.channelError = error.message;
        this.logger.warn(`the broker closed the publishing channel: ${error.message}`);
      });
      channel.on('close', () => {
        if (this.channel !== channel) return;
        this.channel = undefined;
        this.returned.clear();
        void this.open();
      });
      channel.on('return', (message: Message) => {
        const { replyText } = message.fields as unknown as { replyText: string };
        this.returned.set(String(message.properties.messageId), replyText);
      });
      this.channel = channel;
      this.openFailures = 0;
      for (const listener of this.readyListeners) listener();
    } catch {
      // The connection went away meanwhile, or has no channel left; a new connection calls open() again, the rest is a matter of time.
      this.openFailures += 1;
      setTimeout(() => void this.open(), backoffMs(this.openFailures, 100, 5_000)).unref();
    }
  }
}
