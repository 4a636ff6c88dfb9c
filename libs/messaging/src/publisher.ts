import type { ConfirmChannel, Message } from 'amqplib';
import type { Logger } from '@nestjs/common';
import { isTracing } from '#libs/service';
import type { Connection } from './connection.js';
import { backoffMs } from './backoff.js';
import { inPublishingSpan } from './message-spans.js';

/** A message on its way to an exchange. */
export interface Outgoing {
  readonly exchange: string;
  readonly routingKey: string;
  /** AMQP message id; also how a returned message is told from the others. */
  readonly id: string;
  readonly type: string;
  /** What its span is called, where that is not `<type> publish`. */
  readonly span?: string | undefined;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly body: Buffer;
}

/**
 * What the broker said.
 * - `refused`: this message was not taken. `by` a queue that is full (`nack`: not this message's fault), by there being no queue
 *   (`return`), or by its own form (`form`: it can never be sent).
 * - `unknown`: the channel or the connection ended first, so it may or may not have been taken; send it again. With `brokeChannel` the
 *   broker closed the channel because of something in this batch, and the culprit must be found alone.
 */
export type Outcome =
  | { readonly kind: 'confirmed' }
  | { readonly kind: 'refused'; readonly by: 'nack' | 'return' | 'form'; readonly reason: string }
  | { readonly kind: 'unknown'; readonly brokeChannel: boolean; readonly reason: string };

const confirmed: Outcome = { kind: 'confirmed' };

/** A channel and what is known of it. */
interface OpenChannel {
  readonly channel: ConfirmChannel;
  /** Why messages came back, before their confirms: by id and where they were sent to, as one may go to two queues, or twice to one. */
  readonly returned: Map<string, readonly string[]>;
  /** Why the broker closed it, when it did. */
  error?: string;
}

/**
 * Sends batches with pipelined confirms on a channel of its own. Nothing is buffered here: while the broker is away or has blocked the
 * connection, `ready` is false and sending answers `unknown` at once, because the outbox is the buffer.
 *
 * Every message is `mandatory`. A message that reached no queue comes back as `basic.return` before its confirm
 * (https://www.rabbitmq.com/docs/confirms#when-publishes-are-confirmed), so the confirm alone would be a lie.
 */
export class Publisher {
  private open: OpenChannel | undefined;
  private opening = false;
  private ended = false;
  private openFailures = 0;
  private readonly readyListeners: (() => void)[] = [];

  constructor(
    private readonly connection: Connection,
    private readonly logger: Logger,
    private readonly confirmTimeoutMs = 10_000,
  ) {
    connection.onConnect(() => void this.openChannel());
  }

  get ready(): boolean {
    return this.open !== undefined && this.connection.blocked === undefined;
  }

  onReady(listener: () => void): void {
    this.readyListeners.push(listener);
  }

  /** Sends them all, then waits for what the broker says of each. Never throws; the answers are in the order of the messages. */
  async send(messages: readonly Outgoing[]): Promise<Outcome[]> {
    const { open } = this;
    const { blocked } = this.connection;
    if (!open || blocked) {
      const reason = blocked ? `blocked: ${blocked}` : 'not connected';
      return messages.map(() => ({ kind: 'unknown', brokeChannel: false, reason }));
    }
    let timer: NodeJS.Timeout | undefined;
    const timeout = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, this.confirmTimeoutMs);
    });
    const outcomes: Outcome[] = messages.map(() => ({ kind: 'unknown', brokeChannel: false, reason: 'no confirm in time' }));
    const answered = Promise.all(messages.map(async (message, index) => (outcomes[index] = await this.sendOne(open, message))));
    await Promise.race([answered, timeout]);
    clearTimeout(timer);
    if (outcomes.some((outcome) => outcome.kind === 'unknown') && this.open === open) {
      // A confirm that is still out would be counted for nobody: start over on a clean channel.
      this.open = undefined;
      open.channel.close().catch(() => {});
      void this.openChannel();
    }
    return outcomes;
  }

  /** From here on nothing is sent; the channel ends with its connection. */
  end(): void {
    this.ended = true;
    this.open = undefined;
  }

  private sendOne(open: OpenChannel, message: Outgoing): Promise<Outcome> {
    return isTracing() ? inPublishingSpan(message, (traced) => this.publish(open, traced)) : this.publish(open, message);
  }

  private publish(open: OpenChannel, message: Outgoing): Promise<Outcome> {
    const { exchange, routingKey, body, id, type, headers } = message;
    return new Promise((resolve) => {
      const onAnswer = (error: Error | null) => {
        const key = `${id} ${routingKey}`;
        const [returned, ...others] = open.returned.get(key) ?? [];
        if (others.length > 0) open.returned.set(key, others);
        else open.returned.delete(key);
        if (returned) resolve({ kind: 'refused', by: 'return', reason: `unroutable: ${returned} (${exchange} ${routingKey})` });
        else if (!error) resolve(confirmed);
        else if (/nack/i.test(error.message)) resolve({ kind: 'refused', by: 'nack', reason: `nacked by ${exchange}` });
        else resolve({ kind: 'unknown', brokeChannel: open.error !== undefined, reason: open.error ?? error.message });
      };
      const options = { mandatory: true, persistent: true, contentType: 'application/json', messageId: id, type, headers };
      try {
        open.channel.publish(exchange, routingKey, body, options, onAnswer);
      } catch (error) {
        const { name, message: reason } = error as Error;
        if (name === 'IllegalOperationError') resolve({ kind: 'unknown', brokeChannel: false, reason });
        else resolve({ kind: 'refused', by: 'form', reason: `cannot be encoded: ${reason}` });
      }
    });
  }

  private async openChannel(): Promise<void> {
    const { model } = this.connection;
    if (!model || this.open || this.opening || this.ended) return;
    this.opening = true;
    try {
      const channel = await model.createConfirmChannel();
      if (this.ended || this.connection.model !== model) return;
      const open: OpenChannel = { channel, returned: new Map() };
      // Without this listener amqplib lets a channel error (a missing exchange, say) take the whole connection down.
      channel.on('error', (error: Error) => {
        open.error = error.message;
        this.logger.warn(`the broker closed a publishing channel: ${error.message}`);
      });
      channel.on('close', () => {
        if (this.open !== open) return;
        this.open = undefined;
        void this.openChannel();
      });
      channel.on('return', (message: Message) => {
        const { replyText, routingKey } = message.fields as unknown as { replyText: string; routingKey: string };
        const key = `${message.properties.messageId} ${routingKey}`;
        open.returned.set(key, [...(open.returned.get(key) ?? []), replyText]);
      });
      this.open = open;
      this.openFailures = 0;
      for (const listener of this.readyListeners) listener();
    } catch {
      // The connection went away meanwhile, or has no channel left; the rest is a matter of time.
      this.openFailures += 1;
      setTimeout(() => void this.openChannel(), backoffMs(this.openFailures, 100, 5_000)).unref();
    } finally {
      this.opening = false;
      if (this.connection.model && this.connection.model !== model) void this.openChannel();
    }
  }
}
