import type { Check } from '../check.js';
import { sqlCheck } from '../sql-check.js';

/** The ledger adds up, and says what the rest of the payment service says. */
export const ledger: readonly Check[] = [
  sqlCheck({
    name: 'ledger-balances',
    about: 'Every transaction of the ledger sums to zero in each currency.',
    holds: 'always',
    database: 'payment',
    counts: 'SELECT count(DISTINCT transaction_id) FROM ledger_entries',
    offenders: `
      SELECT transaction_id::text AS id, 'sums to ' || sum(amount_minor) || ' ' || currency AS why
        FROM ledger_entries GROUP BY transaction_id, currency HAVING sum(amount_minor) <> 0`,
  }),
  sqlCheck({
    name: 'ledger-books-captures-and-refunds',
    about: 'The ledger has each captured attempt and each succeeded refund once, in its amount and for its order, and nothing else.',
    holds: 'always',
    database: 'payment',
    counts: 'SELECT count(*) FROM ledger_entries',
    // What should stand there beside what does, as the same words: what has no equal on the other side is wrong.
    offenders: `
      WITH moved AS (
        SELECT attempts.id, order_id, payments.id AS payment_id, amount_minor AS amount, currency
          FROM attempts JOIN payments ON payments.id = payment_id WHERE outcome = 'captured'
        UNION ALL
        SELECT refunds.id, order_id, payments.id, -refunds.amount_minor, refunds.currency
          FROM refunds JOIN payments ON payments.id = payment_id WHERE refunds.status = 'succeeded'
      ), expected AS (
        SELECT id, account, order_id, payment_id, CASE account WHEN 'provider' THEN amount ELSE -amount END || ' ' || currency AS amount
          FROM moved CROSS JOIN (VALUES ('provider'), ('customer')) AS accounts (account)
      ), booked AS (
        SELECT transaction_id AS id, account, order_id, payment_id, sum(amount_minor) || ' ' || currency AS amount
          FROM ledger_entries GROUP BY transaction_id, account, order_id, payment_id, currency
      )
      SELECT coalesce(expected.id, booked.id)::text AS id,
             CASE WHEN booked.id IS NULL THEN 'is missing with ' || expected.amount || ' on the account ' || expected.account
                  WHEN expected.id IS NULL THEN 'is booked with ' || booked.amount || ' on the account ' || booked.account || ', for nothing that happened so'
             END AS why
        FROM expected FULL JOIN booked USING (id, account, order_id, payment_id, amount)
       WHERE expected.id IS NULL OR booked.id IS NULL`,
  }),
  sqlCheck({
    name: 'refunds-stay-within-captures',
    about: 'Never more is asked back of a payment than it captured, and it is refunded when, and only when, all of it is back.',
    holds: 'always',
    database: 'payment',
    counts: 'SELECT count(*) FROM payments',
    offenders: `
      SELECT payments.id::text AS id,
             CASE WHEN asked > amount_minor THEN asked || ' of ' || amount_minor || ' minor units are asked back'
                  WHEN asked <> refund_requested_minor THEN asked || ' minor units are asked back, and ' || refund_requested_minor || ' are on record'
                  WHEN other_currency THEN 'is given back in another currency'
                  WHEN asked > 0 AND captures = 0 THEN 'is given back, and was never captured'
                  ELSE 'is ' || status || ' with ' || returned || ' of ' || amount_minor || ' minor units back'
             END AS why
        FROM (SELECT payments.id, amount_minor, refund_requested_minor, status, coalesce(asked, 0) AS asked, coalesce(returned, 0) AS returned,
                     coalesce(other_currency, false) AS other_currency, coalesce(captures, 0) AS captures
                FROM payments
                LEFT JOIN (SELECT payment_id, sum(refunds.amount_minor) AS asked,
                                  sum(refunds.amount_minor) FILTER (WHERE refunds.status = 'succeeded') AS returned,
                                  bool_or(refunds.currency <> payments.currency) AS other_currency
                             FROM refunds JOIN payments ON payments.id = payment_id GROUP BY payment_id) AS r ON r.payment_id = payments.id
                LEFT JOIN (SELECT payment_id, count(*) AS captures FROM attempts WHERE outcome = 'captured' GROUP BY payment_id) AS c
                  ON c.payment_id = payments.id) AS payments
       WHERE asked > amount_minor OR asked <> refund_requested_minor OR other_currency OR (asked > 0 AND captures = 0)
          OR (status = 'refunded' AND returned <> amount_minor)
          OR (status NOT IN ('refunded', 'review') AND returned = amount_minor AND captures > 0)`,
  }),
];
