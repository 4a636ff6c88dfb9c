import { Offenders, type Check } from '../check.js';
import { sqlCheck } from '../sql-check.js';

const services = ['order', 'payment', 'notification'] as const;

/** What was asked twice happened once. */
export const once: readonly Check[] = [
  sqlCheck({
    name: 'one-order-per-key',
    about: 'Each Idempotency-Key of a customer stands for one order of theirs, and no order for two keys.',
    holds: 'always',
    database: 'order',
    counts: `SELECT count(*) FROM idempotency_keys WHERE method = 'POST' AND path = '/orders' AND status = 201`,
    offenders: `
      WITH answers AS (
        SELECT caller, key, body::jsonb->>'id' AS named FROM idempotency_keys WHERE method = 'POST' AND path = '/orders' AND status = 201
      )
      SELECT caller || ' ' || key AS id, CASE
               WHEN orders.id IS NULL THEN 'stands for ' || coalesce(named, 'nothing') || ', which is no order'
               ELSE 'stands for ' || named || ', which is an order of ' || customer_id END AS why
        FROM answers LEFT JOIN orders ON orders.id::text = named
       WHERE orders.id IS NULL OR caller <> 'customer:' || customer_id
      UNION ALL
      SELECT caller || ' ' || key, 'stands for ' || count(*) || ' orders' FROM answers GROUP BY caller, key HAVING count(*) > 1
      UNION ALL
      SELECT named, 'has the keys ' || string_agg(key, ' and ' ORDER BY key) FROM answers GROUP BY named HAVING count(*) > 1`,
  }),
  sqlCheck({
    name: 'every-order-has-its-key',
    about: 'Each order of the last 23 hours is the answer to an Idempotency-Key; one that is not was placed behind the back of its key.',
    holds: 'always',
    database: 'order',
    counts: `SELECT count(*) FROM orders WHERE placed_at > now() - interval '23 hours'`,
    // Keys are kept for 24 hours.
    offenders: `
      SELECT orders.id::text, 'of ' || customer_id || ' has no key' AS why FROM orders
       WHERE placed_at > now() - interval '23 hours'
         AND NOT EXISTS (SELECT FROM idempotency_keys
                          WHERE method = 'POST' AND path = '/orders' AND status = 201 AND body::jsonb->>'id' = orders.id::text)`,
  }),
  {
    name: 'one-effect-per-message',
    about: 'No consumer has handled a message twice.',
    holds: 'always',
    needs: services,
    async run(system) {
      const offenders = new Offenders();
      let checked = 0;
      for (const service of services) {
        const database = system.database(service);
        checked += await database.count('SELECT count(*) FROM inbox');
        const twice = database.stream<{ message: string; consumer: string; times: string }>(
          'SELECT message_id::text AS message, consumer, count(*) AS times FROM inbox GROUP BY consumer, message_id HAVING count(*) > 1',
        );
        for await (const { message, consumer, times } of twice) offenders.add(`${message} was handled ${times} times by ${consumer}`);
      }
      return { checked, offenders };
    },
  },
];
