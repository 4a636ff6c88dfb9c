import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from '@nestjs/common';
import type { DataSource, EntityManager } from 'typeorm';
import type { Topology } from '#libs/contracts';
import { routeDelayed, type Route } from './delay.js';
import { relayedMessages } from './metrics.js';
import type { Outcome, Outgoing, Publisher } from './publisher.js';
import { backoffMs } from './backoff.js';

interface OutboxRow {
  /** A bigint: text or number, as the connection's parsers have it. */
  readonly seq: string | number;
  readonly id: string;
  readonly type: string;
  readonly headers: Record<string, unknown>;
  readonly body: string;
  readonly strikes: number;
  readonly delay_seconds: number | null;
}

/** A row that the broker would not have. */
interface Refusal extends OutboxRow {
  readonly reason: string;
  /** Whether it brings the row nearer to being parked. */
  readonly counts: boolean;
}

/** Where a type of message goes, and the queue that a delayed one is for. */
interface Destination {
  readonly route: Route;
  readonly receiver: string;
}

function destinationsOf({ queues, exchanges }: Topology): Map<string, Destination> {
  const entries = Object.entries(queues).flatMap(([receiver, { takes }]) =>
    takes.map((type): [string, Destination] => [
      type.name,
      { receiver, route: { exchange: exchanges[type.kind].name, routingKey: type.name } },
    ]),
  );
  return new Map(entries);
}

export interface RelaySettings {
  readonly batch: number;
  /** The longest pause between two looks at the outbox, in ms; a commit in this process ends it at once. */
  readonly pollMs: number;
  /** Refusals of one row, while others pass, before it is parked. With the pauses in between the default takes about four minutes. */
  readonly parkAfter: number;
}

export const defaultRelaySettings: RelaySettings = { batch: 500, pollMs: 2_000, parkAfter: 10 };

/**
 * Sends what transactions have left in the outbox: locks a batch, publishes it, deletes what was confirmed and not returned, commits.
 * There is no status column and no lease. A crash anywhere rolls back, the rows are still there, and the receivers' inboxes absorb what
 * had already been sent. Other replicas skip the locked rows.
 *
 * While the broker is away or blocked nothing is read: Postgres is the buffer, never this process's memory.
 */
export class OutboxRelay {
  private readonly destinations: ReadonlyMap<string, Destination>;
  private lastConfirmedAt = 0;
  private stopping = false;
  private running: Promise<void> | undefined;
  private wakeUp: (() => void) | undefined;
  private woken = false;
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
    publisher.onReady(() => this.wake());
  }

  start(): void {
    this.running = this.loop();
  }

  /** There is something to send: look now. */
  wake(): void {
    this.woken = true;
    this.wakeUp?.();
  }

  /** Finishes the batch in hand. */
  async stop(): Promise<void> {
    this.stopping = true;
    this.wakeUp?.();
    await this.running;
  }

  private async loop(): Promise<void> {
    let failures = 0;
    while (!this.stopping) {
      try {
        this.woken = false;
        if (this.publisher.ready) await this.drain();
        failures = 0;
        if (!this.woken) await this.pause(this.settings.pollMs * (0.5 + Math.random() / 2));
      } catch (error) {
        failures += 1;
        if (failures === 1) this.logger.warn(`the outbox cannot be read: ${(error as Error).message}`);
        await this.pause(backoffMs(failures, 200, 5_000));
      }
    }
  }

  private async pause(ms: number): Promise<void> {
    if (this.stopping) return;
    const early = new AbortController();
    this.wakeUp = () => early.abort();
    await sleep(ms, undefined, { signal: early.signal }).catch(() => {});
    this.wakeUp = undefined;
  }

  /**
   * Sends until a batch comes back short. Within one drain the last seq is remembered, because a deep backlog leaves dead index entries at
   * its head; the next drain starts from the beginning, as a transaction that took its seq early may have committed late.
   */
  private async drain(): Promise<void> {
    let after: string | number = 0;
    while (!this.stopping && this.publisher.ready) {
      const limit = this.alone > 0 ? 1 : this.settings.batch;
      const last = await this.dataSource.transaction((manager) => this.sendBatch(manager, after, limit));
      if (last.rows === 0) {
        this.alone = 0;
        return;
      }
      after = last.seq;
      if (limit > 1 && last.rows < limit && this.alone === 0) return;
    }
  }

  private async sendBatch(manager: EntityManager, after: string | number, limit: number): Promise<{ rows: number; seq: string | number }> {
    const rows: OutboxRow[] = await manager.query(
      `SELECT seq, id, type, headers, body, strikes, extract(epoch FROM due_at - clock_timestamp())::float8 AS delay_seconds
       FROM outbox
       WHERE seq > $1 AND (retry_at IS NULL OR retry_at <= clock_timestamp())
       ORDER BY seq LIMIT $2
       FOR UPDATE SKIP LOCKED`,
      [after, limit],
    );
    if (rows.length === 0) return { rows: 0, seq: after };
    const outcomes = await this.send(rows);
    const brokeChannel = outcomes.some((outcome) => outcome.kind === 'unknown' && outcome.brokeChannel);
    const confirmed = rows.filter((_, index) => outcomes[index]?.kind === 'confirmed');
    if (confirmed.length > 0) this.lastConfirmedAt = Date.now();
    const refused = rows.flatMap((row, index) => this.refusal(row, outcomes[index]!, rows.length === 1));
    if (confirmed.length > 0) await manager.query('DELETE FROM outbox WHERE seq = ANY($1::bigint[])', [confirmed.map((row) => row.seq)]);
    if (refused.length > 0) await this.setAside(manager, refused);
    relayedMessages.inc({ outcome: 'confirmed' }, confirmed.length);
    relayedMessages.inc({ outcome: 'unknown' }, rows.length - confirmed.length - refused.length);
    if (rows.length === 1) this.alone = Math.max(0, this.alone - 1);
    else if (brokeChannel) {
      this.alone = rows.length;
      return { rows: rows.length, seq: after };
    }
    return { rows: rows.length, seq: rows[rows.length - 1]!.seq };
  }

  /** Whether the broker will not have a row, and whether that is held against it. */
  private refusal(row: OutboxRow, outcome: Outcome, alone: boolean): Refusal[] {
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
        outgoing.push({ ...route, id: row.id, type: row.type, headers: row.headers, body: Buffer.from(row.body) });
        places.push(index);
      } catch (error) {
        outcomes[index] = { kind: 'refused', by: 'form', reason: (error as Error).message };
      }
    });
    const sent = await this.publisher.send(outgoing);
    places.forEach((place, index) => (outcomes[place] = sent[index]!));
    return outcomes;
  }

  private routeOf({ type, delay_seconds: seconds }: OutboxRow): Route {
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
         INSERT INTO outbox_parked (id, type, headers, body, due_at, attempts, error, at)
         SELECT id, type, headers, body, due_at, attempts + 1, reason, at FROM gone`,
        [parked.map((row) => row.seq), parked.map((row) => row.reason)],
      );
      for (const row of parked) this.logger.error(`parked ${row.type} ${row.id}: ${row.reason}`);
    }
    relayedMessages.inc({ outcome: 'refused' }, again.length);
    relayedMessages.inc({ outcome: 'parked' }, parked.length);
  }
}
