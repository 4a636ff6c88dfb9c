import type { Check } from '../check.js';
import { sqlCheck } from '../sql-check.js';

/** Nobody pays twice. */
export const captures: readonly Check[] = [
  sqlCheck({
    name: 'one-capture-per-order',
    about: 'By our books, at most one capture of an order has not gone back in full.',
    holds: 'always',
    database: 'payment',
    counts: 'SELECT count(*) FROM payments',
    // Refunds belong to a payment, not to one of its captures: what is held beyond one capture is a second one.
    offenders: `
      SELECT order_id::text AS id, 'has ' || sum(captures) || ' captures, of which ' || sum(captured - returned) || ' minor units are still held' AS why
        FROM (SELECT order_id, amount_minor, captures, captures * amount_minor AS captured, coalesce(returned, 0) AS returned
                FROM payments
                JOIN (SELECT payment_id, count(*) AS captures FROM attempts WHERE outcome = 'captured' GROUP BY payment_id) AS c ON c.payment_id = id
                LEFT JOIN (SELECT payment_id, sum(amount_minor) AS returned FROM refunds WHERE status = 'succeeded' GROUP BY payment_id) AS r
                  ON r.payment_id = id) AS of_payment
       GROUP BY order_id HAVING sum(captures) > 1 AND sum(captured - returned) > max(amount_minor)`,
  }),
  sqlCheck({
    name: 'one-capture-per-order-at-the-provider',
    about: "By the provider's books, at most one capture of an order has not gone back in full.",
    holds: 'always',
    database: 'psp-simulator',
    counts: `SELECT count(DISTINCT metadata->>'order_id') FROM payment_intents`,
    offenders: `
      SELECT metadata->>'order_id' AS id, 'is captured by ' || string_agg(id, ' and ' ORDER BY id) AS why
        FROM payment_intents
        LEFT JOIN (SELECT payment_intent, sum(amount_minor) AS returned FROM refunds WHERE status = 'succeeded' GROUP BY payment_intent) AS r
          ON r.payment_intent = id
       WHERE status = 'succeeded' AND amount_received_minor > coalesce(returned, 0) AND metadata->>'order_id' IS NOT NULL
       GROUP BY metadata->>'order_id' HAVING count(*) > 1`,
  }),
];
