import type { Check } from '../check.js';
import { sqlCheck } from '../sql-check.js';

/** Nothing waits for ever. All times are the database's. */
export const waiting: readonly Check[] = [
  sqlCheck({
    name: 'deadlines-are-kept',
    about: 'No order awaits its payment for longer than 60 s after its deadline.',
    holds: 'at rest',
    database: 'order',
    counts: `SELECT count(*) FROM orders WHERE status = 'awaiting_payment'`,
    offenders: `
      SELECT id::text, 'awaits its payment ' || round(extract(epoch FROM clock_timestamp() - payment_deadline)) || ' s after its deadline' AS why
        FROM orders WHERE status = 'awaiting_payment' AND payment_deadline < clock_timestamp() - interval '60 s'`,
  }),
  sqlCheck({
    name: 'no-payment-is-in-review',
    about: 'No payment waits for a person, because the provider contradicts us.',
    holds: 'at rest',
    database: 'payment',
    counts: 'SELECT count(*) FROM payments',
    offenders: `SELECT id::text, 'of order ' || order_id || ' is in review' AS why FROM payments WHERE status = 'review'`,
  }),
  sqlCheck({
    name: 'no-payment-is-forgotten',
    about: 'Every attempt and refund whose outcome is open is going to be looked for again, and no payment awaits anything else.',
    holds: 'at rest',
    database: 'payment',
    counts: `SELECT count(*) FROM payments WHERE status IN ('authorising', 'refunding')`,
    offenders: `
      SELECT attempts.id::text, 'is ' || outcome || ' at a payment that is ' || status || CASE
               WHEN reconcile_at IS NULL THEN ', and nobody is going to look for it' ELSE ', and should have been looked for at ' || reconcile_at END AS why
        FROM attempts JOIN payments ON payments.id = payment_id
       WHERE outcome IN ('pending', 'unknown') AND status <> 'review'
         AND (status <> 'authorising' OR reconcile_at IS NULL OR reconcile_at < clock_timestamp() - interval '60 s')
      UNION ALL
      SELECT refunds.id::text, 'is pending' || CASE
               WHEN retry_at IS NULL THEN ', and nobody is going to ask for it' ELSE ', and should have been asked for at ' || retry_at END
        FROM refunds JOIN payments ON payments.id = payment_id
       WHERE refunds.status = 'pending' AND payments.status <> 'review'
         AND (retry_at IS NULL OR retry_at < clock_timestamp() - interval '60 s')
      UNION ALL
      SELECT id::text, 'is authorising without an open attempt' FROM payments
       WHERE status = 'authorising' AND NOT EXISTS (SELECT FROM attempts WHERE payment_id = payments.id AND outcome IN ('pending', 'unknown'))
      UNION ALL
      SELECT id::text, 'is refunding without an open refund' FROM payments
       WHERE status = 'refunding' AND NOT EXISTS (SELECT FROM refunds WHERE payment_id = payments.id AND refunds.status = 'pending')`,
  }),
  sqlCheck({
    name: 'provider-events-are-applied',
    about: 'Nothing that the provider has told us unasked is still waiting for an attempt or refund to become known.',
    holds: 'at rest',
    database: 'payment',
    counts: 'SELECT count(*) FROM psp_events',
    offenders: `
      SELECT id, '(' || type || ') is about ' || coalesce(attempt_id, refund_id)::text || ', which we do not know' AS why
        FROM psp_events WHERE applied_at IS NULL`,
  }),
];
