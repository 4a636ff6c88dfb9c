import type { ConfirmChannel } from 'amqplib';
import type { Client } from 'pg';
import type { Said } from './said.js';

/** A named statement: parsed once for each connection. */
interface Statement {
  readonly name: string;
  readonly text: string;
}

/**
 * One statement, and so one transaction and one round trip, for all that a step writes.
 * @param rows the step's own part: common table expressions of which one is `fresh`, with the `id` of everything that is new. Its parameters
 *   begin at `$8`, those before are the outbox's.
 */
export function step(name: string, rows: string): Statement {
  return {
    name,
    text: `
      WITH sent AS (
        DELETE FROM outbox WHERE seq = ANY($1::bigint[])
      ), ${rows}, said AS (
        INSERT INTO outbox (id, type, headers, body, due_at)
        SELECT id, type, headers::json, body, due_at
        FROM unnest($2::uuid[], $3::text[], $4::text[], $5::text[], $6::timestamptz[], $7::uuid[]) AS said (id, type, headers, body, due_at, because)
        WHERE because IN (SELECT id FROM fresh) RETURNING seq
      )
      SELECT ARRAY (SELECT id FROM fresh) AS fresh, ARRAY (SELECT seq FROM said) AS seqs`,
  };
}

/** The part of a step that registers its messages, `$8`: `seen` has those that are new to the consumer. */
export const seenBy = (consumer: string) => `
  seen AS (
    INSERT INTO inbox (consumer, message_id) SELECT '${consumer}', id FROM unnest($8::uuid[]) AS id
    ON CONFLICT DO NOTHING RETURNING message_id AS id
  )`;

const tidyEveryMs = 100;

/**
 * What a service has to say goes out from memory as soon as it is committed. The rows are there for a crash only, and go with the next
 * statement of the service, whichever it is, after the broker has confirmed all of their batch.
 */
export class Outbox {
  private confirmed: string[] = [];
  private idle = true;

  /** @param tidier the connection that removes the rows when there is no next statement */
  constructor(
    private readonly channel: ConfirmChannel,
    tidier: Client,
  ) {
    channel.on('return', ({ fields }: { fields: object }) => {
      throw new Error(`a message has reached no queue: ${JSON.stringify(fields)}`);
    });
    setInterval(() => {
      if (this.idle && this.confirmed.length > 0) void tidier.query('DELETE FROM outbox WHERE seq = ANY($1::bigint[])', [this.take()]);
      this.idle = true;
    }, tidyEveryMs).unref();
  }

  /**
   * Runs a step and sends what it says.
   * @returns what was new
   */
  async commit(client: Client, statement: Statement, said: readonly Said[], values: readonly unknown[]): Promise<string[]> {
    this.idle = false;
    const outbox = [
      this.take(),
      said.map(({ id }) => id),
      said.map(({ type }) => type),
      said.map(({ headers }) => JSON.stringify(headers)),
      said.map(({ body }) => body),
      said.map(({ due }) => due),
      said.map(({ because }) => because),
    ];
    const { rows } = await client.query<{ fresh: string[]; seqs: string[] }>({ ...statement, values: [...outbox, ...values] });
    const { fresh, seqs } = rows[0]!;
    if (seqs.length === said.length) this.send(said, seqs);
    else {
      const news = new Set(fresh);
      this.send(
        said.filter(({ because }) => news.has(because)),
        seqs,
      );
    }
    return fresh;
  }

  private take(): string[] {
    const taken = this.confirmed;
    this.confirmed = [];
    return taken;
  }

  private send(said: readonly Said[], seqs: readonly string[]): void {
    let unconfirmed = said.length;
    const onConfirm = (error: Error | null) => {
      if (error) throw error;
      unconfirmed -= 1;
      if (unconfirmed === 0) this.confirmed.push(...seqs);
    };
    for (const { id, type, headers, body, route } of said) {
      const options = { mandatory: true, persistent: true, contentType: 'application/json', messageId: id, type, headers };
      this.channel.publish(route.exchange, route.routingKey, Buffer.from(body), options, onConfirm);
    }
  }
}
