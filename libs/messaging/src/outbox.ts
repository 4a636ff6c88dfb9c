import type { Logger } from '@nestjs/common';
import type { DataSource, EntityManager } from 'typeorm';
import { v7 as uuidv7 } from 'uuid';
import { envelopeToHeaders, type DataOf, type Envelope, type MessageType } from '#libs/contracts';
import { currentTrace } from '#libs/service';
import { GroupCommit } from './group-commit.js';
import type { OutboxRow } from './outbox-relay.js';
import { isConflict } from './retry-policy.js';

/** How a message is sent. */
export interface PublishOptions {
  /** The order it is about. */
  readonly subject: string;
  /** Deliver it then, and not before; commands only, as only they have the one receiver that a delay leads to. */
  readonly due?: Date;
  /** The message that made this one necessary: its correlation and trace go on, its id becomes the causation. */
  readonly causedBy?: Omit<Envelope, 'type'>;
  /** The aggregate's version after the change that this tells of. */
  readonly sequence?: number;
  /** The trace that it belongs to, where neither a message nor the work at hand says so. */
  readonly traceparent?: string | undefined;
}

/** A message that was said before, as it was said. */
export interface Redelivery {
  readonly id: string;
  readonly type: string;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly body: string;
  /** The one queue that is to have it again. */
  readonly queue: string;
}

/**
 * One database transaction, and the only way to send anything: what is published is written with the rows, and sent if they stay. All of it
 * throws an Error once the work that was given the transaction has ended.
 */
export interface Transaction {
  readonly manager: EntityManager;
  /**
   * @throws ZodError when the data is not what the message's schema says
   * @throws TypeError when an event or a notice is given a due time
   * @throws RangeError when it is due later than the longest delay from now
   */
  publish<Type extends MessageType>(type: Type, data: DataOf<Type>, options: PublishOptions): void;
  /**
   * Statements whose answers the transaction has no use for: instead of being waited for, they travel together with the COMMIT. When one of
   * them fails, nothing is committed, and the transaction throws what it says.
   */
  withCommit(...statements: readonly Promise<unknown>[]): void;
  /** Sends messages again, each with its own id and to its one queue: whose inbox knows those that were handled after all. */
  redeliver(messages: readonly Redelivery[]): Promise<void>;
  /** Runs once, after the commit: for counters and whatever else cannot be rolled back. */
  afterCommit(effect: () => void): void;
}

interface TransactionsSettings {
  /** CloudEvents `source` of everything said here. */
  readonly source: string;
  /** How far ahead a message may be due. */
  readonly longestDelaySeconds: number;
  /** The most items that {@link Transactions.grouped} puts into one transaction. */
  readonly mostGrouped: number;
  /** Called after a commit with what it has left to send. */
  readonly onPublished: (rows: readonly OutboxRow[]) => void;
}

/** Longer than a commit takes on a busy machine, shorter than a customer notices. */
const groupPatienceMs = 250;

/** Runs transactions whose messages are sent after they commit. */
export class Transactions {
  constructor(
    private readonly dataSource: DataSource,
    private readonly logger: Logger,
    private readonly settings: TransactionsSettings,
  ) {}

  /**
   * Commits what `work` did and published, or nothing of it. A deadlock, a serialisation failure or an `Overtaken` runs it again at once,
   * three times in all, so `work` keeps its effects inside the transaction.
   */
  async run<Result>(work: (tx: Transaction) => Promise<Result>): Promise<Result> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        let outboxWritten: Promise<OutboxRow[]> | undefined;
        const [result, tx] = await this.dataSource.transaction(async (manager) => {
          const open = new OutboxTransaction(manager, this.settings);
          try {
            const answer = await work(open);
            outboxWritten = open.writeOutbox();
            open.withCommit(outboxWritten);
            return [answer, open] as const;
          } catch (error) {
            // Whatever comes behind a statement that failed is told only that the transaction is aborted.
            throw open.fault ?? error;
          } finally {
            open.isOver = true;
          }
        });
        // Postgres turns a COMMIT into a rollback when a statement before it has failed.
        await Promise.all(tx.statements);
        this.afterCommit(tx, [...((await outboxWritten) ?? []), ...tx.redelivered]);
        return result;
      } catch (error) {
        if (attempt === 3 || !isConflict(error)) throw error;
      }
    }
  }

  /**
   * Work that is called for many times at once, done in one transaction for all the calls that came together. It answers each item, in
   * their order; what it throws fails a group, and then each item is tried alone.
   */
  grouped<Item, Result>(work: (items: readonly Item[], tx: Transaction) => Promise<readonly Result[]>): (item: Item) => Promise<Result> {
    const commit = (items: readonly Item[]) => this.run((tx) => work(items, tx));
    const { mostGrouped: most } = this.settings;
    if (most === 1) return async (item) => (await commit([item]))[0]!;
    const group = new GroupCommit({ most, patienceMs: groupPatienceMs, commit });
    return (item) => group.add(item);
  }

  /** The work is done and stays done, whatever goes wrong here. */
  private afterCommit(tx: OutboxTransaction, published: readonly OutboxRow[]): void {
    if (published.length > 0) this.settings.onPublished(published);
    for (const effect of tx.effects) {
      try {
        effect();
      } catch (error) {
        this.logger.error(`after a commit: ${String(error)}`);
      }
    }
  }
}

class OutboxTransaction implements Transaction {
  readonly effects: (() => void)[] = [];
  /** What goes out with the COMMIT. */
  readonly statements: Promise<unknown>[] = [];
  /** Why the first of these failed. */
  fault: unknown;
  isOver = false;
  readonly redelivered: OutboxRow[] = [];
  private readonly rows: (Omit<OutboxRow, 'seq' | 'delay_seconds'> & { due: Date | null })[] = [];

  constructor(
    readonly manager: EntityManager,
    private readonly settings: TransactionsSettings,
  ) {}

  publish<Type extends MessageType>(type: Type, data: DataOf<Type>, options: PublishOptions): void {
    this.refuseWhenOver();
    if (options.due && type.kind !== 'command') throw new TypeError(`${type.name} is no command, so it cannot be delayed`);
    const { source, longestDelaySeconds } = this.settings;
    if (options.due && options.due.getTime() - Date.now() > longestDelaySeconds * 1000) {
      throw new RangeError(`${type.name} is due in more than ${longestDelaySeconds} s, the longest delay`);
    }
    const id = uuidv7();
    const headers = envelopeToHeaders({
      id,
      type: type.name,
      source,
      subject: options.subject,
      time: new Date().toISOString(),
      correlationId: options.causedBy?.correlationId ?? options.subject,
      causationId: options.causedBy?.id,
      traceparent: options.causedBy?.traceparent ?? options.traceparent ?? currentTrace()?.traceparent,
      sequence: options.sequence,
    });
    this.rows.push({
      id,
      type: type.name,
      headers,
      body: JSON.stringify(type.schema.parse(data)),
      due: options.due ?? null,
    });
  }

  withCommit(...statements: readonly Promise<unknown>[]): void {
    // Before anything is thrown: they are under way already.
    for (const statement of statements) statement.catch((error: unknown) => (this.fault ??= error));
    this.refuseWhenOver();
    this.statements.push(...statements);
  }

  async redeliver(messages: readonly Redelivery[]): Promise<void> {
    this.refuseWhenOver();
    if (messages.length === 0) return;
    // The same message may go to two queues.
    const keyOf = ({ id, queue }: Pick<Redelivery, 'id' | 'queue'>) => `${id} ${queue}`;
    const written: { id: string; queue: string; seq: OutboxRow['seq'] }[] = await this.manager.query(
      `INSERT INTO outbox (id, type, headers, body, queue)
       SELECT id, type, headers::json, body, queue
       FROM unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::text[]) AS row (id, type, headers, body, queue)
       RETURNING id, queue, seq`,
      [
        messages.map(({ id }) => id),
        messages.map(({ type }) => type),
        messages.map(({ headers }) => JSON.stringify(headers)),
        messages.map(({ body }) => body),
        messages.map(({ queue }) => queue),
      ],
    );
    const seqs = new Map(written.map((row) => [keyOf(row), row.seq]));
    this.redelivered.push(...messages.map((message) => ({ ...message, seq: seqs.get(keyOf(message))!, delay_seconds: null })));
  }

  afterCommit(effect: () => void): void {
    this.refuseWhenOver();
    this.effects.push(effect);
  }

  async writeOutbox(): Promise<OutboxRow[]> {
    const { rows } = this;
    if (rows.length === 0) {
      // Postgres answers the COMMIT of an aborted transaction with ROLLBACK, which is no error to those who wait for it: a statement is refused.
      if (this.statements.length === 0) await this.manager.query('SELECT');
      return [];
    }
    const written: Pick<OutboxRow, 'id' | 'seq' | 'delay_seconds'>[] = await this.manager.query(
      `INSERT INTO outbox (id, type, headers, body, due_at)
       SELECT id, type, headers::json, body, due_at
       FROM unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::timestamptz[]) AS row (id, type, headers, body, due_at)
       RETURNING id, seq, extract(epoch FROM due_at - clock_timestamp())::float8 AS delay_seconds`,
      [
        rows.map(({ id }) => id),
        rows.map(({ type }) => type),
        rows.map(({ headers }) => JSON.stringify(headers)),
        rows.map(({ body }) => body),
        rows.map(({ due }) => due),
      ],
    );
    const places = new Map(written.map((row) => [row.id, row]));
    return rows.map(({ id, type, headers, body }) => ({ type, headers, body, ...places.get(id)! }));
  }

  /** What nobody has waited for in the work would be lost without a word. */
  private refuseWhenOver(): void {
    if (this.isOver) throw new Error('the transaction is over');
  }
}
