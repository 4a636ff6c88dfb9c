import { shortestInboxDays } from '#libs/contracts';
import { Offenders, type Check } from '../check.js';
import { inStep, type Keyed } from '../in-step.js';
import { sqlCheck } from '../sql-check.js';

/** `key` is the order's id; the kinds are in order, as often as they occur. */
interface Kinds extends Keyed {
  readonly kinds: readonly string[];
}

/** `isRecent`: nothing that was told of it can have been forgotten. */
interface Steps extends Kinds {
  readonly isRecent: boolean;
}

/** Customers are told of everything, once. */
export const notices: readonly Check[] = [
  sqlCheck({
    name: 'one-notice-per-event',
    about: 'No channel has told a customer of the same event twice.',
    holds: 'always',
    database: 'notification',
    counts: 'SELECT count(*) FROM notifications',
    offenders: `
      SELECT event_id::text AS id, 'was told ' || count(*) || ' times by ' || channel AS why
        FROM notifications GROUP BY event_id, channel HAVING count(*) > 1`,
  }),
  sqlCheck({
    name: 'notices-are-sent',
    about: 'No notice is left undelivered, unless its recipient cannot be reached.',
    holds: 'at rest',
    database: 'notification',
    counts: 'SELECT count(*) FROM notifications',
    offenders: `SELECT id::text, 'of order ' || order_id || ' is pending' AS why FROM notifications WHERE status = 'pending'`,
  }),
  {
    name: 'customers-are-told',
    about: 'Each step of an order has been told by e-mail, unless that may be forgotten by now, and no step that it did not take.',
    holds: 'at rest',
    needs: ['order', 'notification'],
    async run(system) {
      const offenders = new Offenders();
      let checked = 0;
      const orders = inStep<{ taken: Steps; told: Kinds }>({
        // That a paid order is being refunded is told as its cancellation.
        taken: system.database('order').stream(
          `SELECT order_id::text AS key, array_agg(kind ORDER BY kind COLLATE "C") AS kinds,
                  min(at) > now() - interval '${shortestInboxDays} days' AS "isRecent"
             FROM (SELECT order_id, at, CASE to_status WHEN 'awaiting_payment' THEN 'order-placed' WHEN 'refunding' THEN 'order-cancelled'
                                                   ELSE 'order-' || to_status END AS kind
                     FROM order_history) AS step
            GROUP BY order_id ORDER BY order_id`,
        ),
        told: system.database('notification').stream(
          `SELECT order_id::text AS key, array_agg(kind ORDER BY kind COLLATE "C") AS kinds
             FROM notifications WHERE kind LIKE 'order-%' AND channel = 'email' GROUP BY order_id ORDER BY order_id`,
        ),
      });
      for await (const { key, taken, told } of orders) {
        checked += 1;
        const [happened, heard] = [taken, told].map((found) => found[0]?.kinds.join(', ') ?? 'nothing');
        const isForgotten = taken[0]?.isRecent === false && isWithin(told[0]?.kinds ?? [], taken[0].kinds);
        if (happened !== heard && !isForgotten) offenders.add(`${key} was told ${heard}, and what happened is ${happened}`);
      }
      return { checked, offenders };
    },
  },
];

/** Whether each of some kinds is among others, as often as it occurs. */
function isWithin(kinds: readonly string[], others: readonly string[]): boolean {
  const left = [...others];
  return kinds.every((kind) => left.includes(kind) && left.splice(left.indexOf(kind), 1).length === 1);
}
