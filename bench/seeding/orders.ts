import type { Client } from 'pg';
import { inDatabase, services, type DatabaseUrls } from './databases.js';
import { createIdOf } from './ids.js';
import { rowsOf, type Service } from './rows.js';

/** Orders to be written, which are the same in every database: their ids follow from their numbers and times. */
export interface Orders {
  readonly first: number;
  readonly last: number;
  /** When number 0 was placed, in ms since 1970, and the time from one to the next. */
  readonly startMs: number;
  readonly everyMs: number;
  /** Paid at the first attempt, or else without a payment method yet. */
  readonly paid: boolean;
  /** Until when they may be paid: an SQL expression, which may say `placed_at`. */
  readonly deadline: string;
}

/** As many as it takes for the rows of one to lie all over an index. */
export const customers = 10_000;

const hour = 3_600_000;

/**
 * Orders of the last day: the last one an hour ago, all of them paid. All of them still have their Idempotency-Key, so no table is any
 * smaller than so many orders can make it.
 */
export function finishedOrders(count: number, now: number): Orders {
  return {
    first: 1,
    last: count,
    startMs: now - 21 * hour,
    everyMs: Math.floor((20 * hour) / count),
    paid: true,
    deadline: `placed_at + interval '900 s'`,
  };
}

/** Writes orders into these books as the services would have, each table by one statement. */
export async function writeOrders(urls: DatabaseUrls, orders: Orders, into: readonly Service[] = services): Promise<void> {
  await Promise.all(
    into.map((service) =>
      inDatabase(urls[service], async (client) => {
        await prepareToWrite(client);
        await write(client, service, orders);
        // What autovacuum would come for in the middle of a measurement.
        await client.query('VACUUM (ANALYZE)');
      }),
    ),
  );
}

/** Triggers sleep in this session: foreign keys would be looked up row by row. What they guard, `npm run verify` looks at afterwards. */
export async function prepareToWrite(client: Client): Promise<void> {
  await client.query(`SET session_replication_role = replica; ${createIdOf}`);
}

/** @param client after {@link prepareToWrite} */
export async function write(client: Client, service: Service, { first, last, startMs, everyMs, paid, deadline }: Orders): Promise<void> {
  await client.query('DROP TABLE IF EXISTS made');
  await client.query(
    `CREATE TEMPORARY TABLE made AS
     SELECT *, ${deadline} AS deadline, ${paid} AS paid, 'customer-' || number % ${customers} AS customer_id,
            pg_temp.id_of('order', number, ms) AS order_id, pg_temp.id_of('payment', number, ms) AS payment_id,
            pg_temp.id_of('attempt', number, ms) AS attempt_id
     FROM (SELECT number, ms, to_timestamp(ms / 1000.0) AS placed_at
           FROM (SELECT number, ${startMs} + number * ${everyMs} AS ms FROM generate_series(${first}::bigint, ${last}::bigint) AS number) AS timed
          ) AS placed`,
  );
  for (const statement of rowsOf[service]) await client.query(statement);
}
