import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from '@nestjs/common';
import type { DataSource, EntityManager } from 'typeorm';
import { onlyHeard, type MessageType, type Topology } from '#libs/contracts';
import { routeDelayed, type Route } from './delay.js';
import { relayBatchMessages, relayedMessages } from './metrics.js';
import type { Outcome, Outgoing, Publisher } from './publisher.js';
import { backoffMs } from './backoff.js';

/** What is to be sent. */
export interface OutboxRow {
  /** A bigint: text or number, as the connection's parsers have it. */
  readonly seq: string | number;
  readonly id: string;
  readonly type: string;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly body: string;
  /** The one queue of a message that is sent again; any other goes where its type goes. */
  readonly queue?: string | null;
  /** Seconds from now until it is due, by the database's clock. */
  readonly delay_seconds: number | null;
}

interface StoredRow extends OutboxRow {
  readonly strikes: number;
}

/** A row that the broker would not have. */
interface Refusal extends StoredRow {
  readonly reason: string;
  /** Whether it brings the row nearer to being parked. */
  readonly counts: boolean;
}

/** Rows behind `after`: those that are old enough, and our own; never what is in hand here. */
interface BatchToRead {
  readonly after: OutboxRow['seq'];
  readonly limit: number;
  readonly olderThanMs: number;
  readonly own: readonly OutboxRow['seq'][];
}

/** Where a type of message goes, and the queue that a delayed one is for. */
interface Destination {
  readonly route: Route;
  readonly receiver: string;
}

function destinationsOf(topology: Topology): Map<string, Destination> {
  const { queues, exchanges } = topology;
  const to = (type: MessageType, receiver: string): [string, Destination] => [
    type.name,
    { receiver, route: { exchange: exchanges[type.kind].name, routingKey: type.name } },
  ];
  return new Map([
    ...onlyHeard(topology).map((type) => to(type, 'nobody')),
    ...Object.entries(queues).flatMap(([receiver, { takes }]) => takes.map((type) => to(type, receiver))),
  ]);
}

export interface RelaySettings {
  readonly batch: number;
  /** The longest pause between two looks at the outbox, in ms. */
  readonly pollMs: number;
  /** A row that is older than this was forgotten by the process that has committed it, in ms. */
  readonly graceMs: number;
  /** How long a row is left to the process that has committed it when there is reason to read back at once, in ms. */
  readonly headStartMs: number;
  /** Refusals of one row, while others pass, before it is parked. With the pauses in between the default takes about four minutes. */
  readonly parkAfter: number;
}

export const defaultRelaySettings: RelaySettings = { batch: 500, pollMs: 2_000, graceMs: 10_000, headStartMs: 1_000, parkAfter: 10 };

/** Between a confirm and the deletion of its row, in ms. */
const deletionPauseMs = 100;

/** Committed rows that wait in memory for their turn; what is more than that stays in the database until it has. */
const mostFresh = 5_000;

/** Committed rows that were in memory and are to be read back; what is more than that has lost its head start by then. */
const mostDropped = 1_000;

/**
 * Sends what transactions have left in the outbox. What was committed here is sent from memory right after the commit, and its rows are
 * deleted when the broker has confirmed them, with whichever others it has. Whatever else is in the outbox is read back: our own at once,
 * when they could not be sent; those of others after a start, an outage or a refusal, but for the youngest, which they are about to send or
 * to delete; and what somebody has forgotten (by crashing, say) when it is old enough.
 *
 * To read back is to lock a batch, publish it, delete what was confirmed and not returned, commit. There is no status column and no lease. A
 * crash anywhere leaves the rows there, and the receivers' inboxes absorb what had already been sent. Other replicas skip locked rows.
 *
 * While the broker is away or blocked nothing is read and nothing kept: Postgres is the buffer, never this process's memory.
 */
export class OutboxRelay {
  private readonly destinations: ReadonlyMap<string, Destination>;
  private lastConfirmedAt = 0;
  private stopping = false;
  private readonly stopSignal = new AbortController();
  private running: Promise<void> | undefined;
  private wakeUp: (() => void) | undefined;
  private woken = false;
  /** Committed here and not yet sent, oldest first. */
  private readonly fresh: OutboxRow[] = [];
  /** Confirmed and not yet deleted. */
  private readonly sent: OutboxRow[] = [];
  /** The seqs of the last batch that was read back: it may hold what has committed here a moment before we are told. */
  private readBack = new Set<OutboxRow['seq']>();
  private deleting: Promise<void> | undefined;
  /** There may be rows that are not in memory. */
  private behind = true;
  /** Something has come while we were behind, perhaps too late for the last look. */
  private missed = false;
  /** The seqs of what was committed here and cannot be sent from memory, oldest first. */
  private readonly dropped = new Set<OutboxRow['seq']>();
  private nextLookAt = 0;
  /** When the rows that were left to others are to have been sent. */
  private lookAgainAt = Number.POSITIVE_INFINITY;
  /** Rows still to be sent one by one, after a batch that cost the channel. */
  private alone = 0;

  constructor(
    private readonly dataSource: DataSource,
    private readonly publisher: Publisher,
    private readonly topology: Topology,
    private readonly logger: Logger,
    private readonly settings: RelaySettings,
  ) {
    this.destinations = destinationsOf(topology);
    publisher.onReady(() => this.lookNow());
  }

  start(): void {
    this.running = this.loop();
  }

  /** Sends rows that this process has just committed. */
  offer(committed: readonly OutboxRow[]): void {
    const rows = committed.filter(({ seq }) => !this.readBack.has(seq));
    if (!this.publisher.ready || this.fresh.length + rows.length > mostFresh) this.fallBehind();
    if (this.behind) this.drop(rows);
    else this.fresh.push(...rows);
    this.wake();
  }

  /** There is something to read back. */
  lookNow(): void {
    this.fallBehind();
    this.wake();
  }

  /** Finishes the batch in hand, and sends what was committed here: another replica would wait until it looks forgotten. */
  async stop(): Promise<void> {
    this.stopping = true;
    this.stopSignal.abort();
    this.wakeUp?.();
    await this.running;
    while (this.fresh.length > 0) await this.sendFresh();
    await this.deleting;
  }

  private wake(): void {
    this.woken = true;
    this.wakeUp?.();
  }

  /** What waits in memory is in the database as well, where reading back finds it. */
  private fallBehind(): void {
    this.behind = true;
    this.drop(this.fresh.splice(0));
  }

  private drop(rows: readonly OutboxRow[]): void {
    this.missed = true;
    for (const { seq } of rows) this.dropped.add(seq);
    for (const seq of this.dropped) {
      if (this.dropped.size <= mostDropped) return;
      this.dropped.delete(seq);
    }
  }

  private async loop(): Promise<void> {
    let failures = 0;
    while (!this.stopping) {
      try {
        this.woken = false;
        if (this.publisher.ready) await this.work();
        else {
          this.fallBehind();
          // The publisher says when it is ready again.
          this.nextLookAt = Date.now() + this.settings.pollMs;
          // Whoever catches up then will look again. A time that has passed would be no pause at all.
          this.lookAgainAt = Number.POSITIVE_INFINITY;
        }
        failures = 0;
        if (!this.woken && this.fresh.length === 0) await this.pause(Math.min(this.nextLookAt, this.lookAgainAt) - Date.now());
      } catch (error) {
        this.fallBehind();
        failures += 1;
        if (failures === 1) this.logger.warn(`the outbox cannot be read: ${(error as Error).message}`);
        await this.pause(backoffMs(failures, 200, 5_000));
      }
    }
  }

  private async work(): Promise<void> {
    if (this.behind) await this.catchUp();
    else if (Date.now() >= this.lookAgainAt) await this.lookAgain();
    else if (Date.now() >= this.nextLookAt) await this.drain(this.settings.graceMs);
    if (Date.now() >= this.nextLookAt) this.nextLookAt = Date.now() + this.settings.pollMs * (0.5 + Math.random() / 2);
    if (this.fresh.length > 0) await this.sendFresh();
  }

  private async pause(ms: number): Promise<void> {
    if (this.stopping) return;
    await new Promise<void>((over) => {
      const timer = setTimeout(over, Math.max(0, ms));
      // At each commit: to abort a sleep instead makes two errors with their stacks.
      this.wakeUp = () => {
        clearTimeout(timer);
        over();
      };
    });
    this.wakeUp = undefined;
  }

  private async sendFresh(): Promise<void> {
    const rows = this.fresh.splice(0, this.settings.batch);
    const outcomes = await this.send(rows);
    const confirmed = rows.filter((_, index) => outcomes[index]?.kind === 'confirmed');
    this.countConfirmed(confirmed.length);
    this.sent.push(...confirmed);
    this.deleting ??= this.deleteSent().finally(() => (this.deleting = undefined));
    if (confirmed.length < rows.length) {
      this.drop(rows.filter((_, index) => outcomes[index]?.kind !== 'confirmed'));
      this.fallBehind();
    }
  }

  private async deleteSent(): Promise<void> {
    // Nobody waits for it, so it may gather. After a crash meanwhile these are sent again, to receivers that know them.
    await sleep(deletionPauseMs, undefined, { signal: this.stopSignal.signal }).catch(() => {});
    while (this.sent.length > 0) {
      const seqs = this.sent.map(({ seq }) => seq);
      try {
        await this.dataSource.query('DELETE FROM outbox WHERE seq = ANY($1::bigint[])', [seqs]);
      } catch (error) {
        // They are read back and sent again, to receivers that know them.
        this.logger.warn(`${seqs.length} messages that are sent stay in the outbox for now: ${(error as Error).message}`);
      }
      this.sent.splice(0, seqs.length);
    }
  }

  private async catchUp(): Promise<void> {
    const { headStartMs } = this.settings;
    do {
      this.missed = false;
      await this.deleting;
      const own = [...this.dropped];
      await this.drain(headStartMs, own);
      this.lookAgainAt = Date.now() + headStartMs;
      if (!this.publisher.ready) return;
      for (const seq of own) this.dropped.delete(seq);
    } while (this.missed && !this.stopping);
    if (!this.missed) this.behind = false;
  }

  /** Sends what others had just committed when we caught up, if it is still there. */
  private async lookAgain(): Promise<void> {
    this.lookAgainAt = Number.POSITIVE_INFINITY;
    await this.drain(this.settings.headStartMs);
  }

  /**
   * Sends what was older than the grace when it began, and `own` of any age, until a batch comes back short. Within one drain the last seq
   * is remembered, because a deep backlog leaves dead index entries at its head; the next drain starts from the beginning, as a transaction
   * that took its seq early may have committed late.
   */
  private async drain(graceMs: number, own: readonly OutboxRow['seq'][] = []): Promise<void> {
    const begunAt = performance.now();
    let after: OutboxRow['seq'] = 0;
    while (!this.stopping && this.publisher.ready) {
      const limit = this.alone > 0 ? 1 : this.settings.batch;
      const olderThanMs = graceMs + (performance.now() - begunAt);
      const last = await this.dataSource.transaction((manager) => this.sendBatch(manager, { after, limit, olderThanMs, own }));
      if (last.rows === 0) {
        this.alone = 0;
        return;
      }
      after = last.seq;
      if (limit > 1 && last.rows < limit && this.alone === 0) return;
    }
  }

  /** What is sent or deleted here in a moment. A row's age says nothing about that: it is counted from the start of its transaction. */
  private inHand(): OutboxRow['seq'][] {
    return [...this.fresh, ...this.sent].map(({ seq }) => seq);
  }

  private async sendBatch(
    manager: EntityManager,
    { after, limit, olderThanMs, own }: BatchToRead,
  ): Promise<{ rows: number; seq: OutboxRow['seq'] }> {
    const rows: StoredRow[] = await manager.query(
      `SELECT seq, id, type, headers, body, queue, strikes, extract(epoch FROM due_at - clock_timestamp())::float8 AS delay_seconds
       FROM outbox
       WHERE seq > $1
         AND (coalesce(retry_at, at + $3 * interval '1 ms') <= clock_timestamp() OR (retry_at IS NULL AND seq = ANY($4::bigint[])))
         AND seq <> ALL($5::bigint[])
       ORDER BY seq LIMIT $2
       FOR UPDATE SKIP LOCKED`,
      [after, limit, olderThanMs, own, this.inHand()],
    );
    if (rows.length === 0) return { rows: 0, seq: after };
    this.readBack = new Set(rows.map(({ seq }) => seq));
    const outcomes = await this.send(rows);
    const brokeChannel = outcomes.some((outcome) => outcome.kind === 'unknown' && outcome.brokeChannel);
    const confirmed = rows.filter((_, index) => outcomes[index]?.kind === 'confirmed');
    const refused = rows.flatMap((row, index) => this.refusal(row, outcomes[index]!, rows.length === 1));
    if (confirmed.length > 0) await manager.query('DELETE FROM outbox WHERE seq = ANY($1::bigint[])', [confirmed.map((row) => row.seq)]);
    if (refused.length > 0) await this.setAside(manager, refused);
    this.countConfirmed(confirmed.length);
    relayedMessages.inc({ outcome: 'unknown' }, rows.length - confirmed.length - refused.length);
    if (rows.length === 1) this.alone = Math.max(0, this.alone - 1);
    else if (brokeChannel) {
      this.alone = rows.length;
      return { rows: rows.length, seq: after };
    }
    return { rows: rows.length, seq: rows[rows.length - 1]!.seq };
  }

  private countConfirmed(messages: number): void {
    if (messages === 0) return;
    this.lastConfirmedAt = Date.now();
    relayedMessages.inc({ outcome: 'confirmed' }, messages);
  }

  /** Whether the broker will not have a row, and whether that is held against it. */
  private refusal(row: StoredRow, outcome: Outcome, alone: boolean): Refusal[] {
    if (outcome.kind === 'refused') {
      // A full queue is not the row's fault, and a missing one only while others get through.
      const counts = outcome.by === 'form' || (outcome.by === 'return' && Date.now() - this.lastConfirmedAt < 60_000);
      return [{ ...row, reason: outcome.reason, counts }];
    }
    // Alone on the channel when the broker closed it: this one did it.
    if (outcome.kind === 'unknown' && outcome.brokeChannel && alone) return [{ ...row, reason: outcome.reason, counts: true }];
    return [];
  }

  private async send(rows: readonly OutboxRow[]): Promise<Outcome[]> {
    const outcomes: Outcome[] = [];
    const outgoing: Outgoing[] = [];
    const places: number[] = [];
    rows.forEach((row, index) => {
      try {
        const route = this.routeOf(row);
        outgoing.push({
          ...route,
          id: row.id,
          type: row.type,
          headers: row.headers,
          body: Buffer.from(row.body),
          span: row.queue ? `${row.queue} replay` : undefined,
        });
        places.push(index);
      } catch (error) {
        outcomes[index] = { kind: 'refused', by: 'form', reason: (error as Error).message };
      }
    });
    relayBatchMessages.observe(rows.length);
    const sent = await this.publisher.send(outgoing);
    places.forEach((place, index) => (outcomes[place] = sent[index]!));
    return outcomes;
  }

  private routeOf({ type, queue, delay_seconds: seconds }: OutboxRow): Route {
    // As what has become due. The default exchange has every queue under its own name, too, so that nobody has a right to it.
    if (queue) return routeDelayed(0, queue, this.topology.delay);
    const destination = this.destinations.get(type);
    if (!destination) throw new Error(`the topology has nobody who takes ${type}`);
    if (seconds === null || seconds <= 0) return destination.route;
    return routeDelayed(seconds, destination.receiver, this.topology.delay);
  }

  /** Tries refused rows again later; one that has been refused often enough is parked with its reason, where it holds up nobody. */
  private async setAside(manager: EntityManager, refused: readonly Refusal[]): Promise<void> {
    const isHopeless = (row: Refusal) => row.counts && row.strikes + 1 >= this.settings.parkAfter;
    const parked = refused.filter(isHopeless);
    const again = refused.filter((row) => !isHopeless(row));
    if (again.length > 0) {
      await manager.query(
        `UPDATE outbox SET attempts = least(attempts + 1, 1000), strikes = strikes + refused.counts::int, error = refused.reason,
                retry_at = clock_timestamp() + least(60, 2 ^ least(attempts, 6)) * interval '1 second'
         FROM unnest($1::bigint[], $2::text[], $3::boolean[]) AS refused (seq, reason, counts) WHERE outbox.seq = refused.seq`,
        [again.map((row) => row.seq), again.map((row) => row.reason), again.map((row) => row.counts)],
      );
    }
    if (parked.length > 0) {
      await manager.query(
        `WITH refused AS (SELECT * FROM unnest($1::bigint[], $2::text[]) AS r (seq, reason)),
              gone AS (DELETE FROM outbox USING refused WHERE outbox.seq = refused.seq RETURNING outbox.*, refused.reason)
         INSERT INTO outbox_parked (id, type, headers, body, queue, due_at, attempts, error, at)
         SELECT id, type, headers, body, queue, due_at, attempts + 1, reason, at FROM gone`,
        [parked.map((row) => row.seq), parked.map((row) => row.reason)],
      );
      for (const row of parked) this.logger.error(`parked ${row.type} ${row.id}: ${row.reason}`);
    }
    relayedMessages.inc({ outcome: 'refused' }, again.length);
    relayedMessages.inc({ outcome: 'parked' }, parked.length);
  }
}
