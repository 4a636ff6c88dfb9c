import { Offenders, type Check } from '../check.js';
import { inStep, type Keyed } from '../in-step.js';
import type { OpenSystem } from '../system.js';

/** `key` is the order's id; amounts are words such as `2598 EUR`, in minor units. */
interface Order extends Keyed {
  readonly status: string;
  readonly total: string;
}

interface Payment extends Keyed {
  readonly status: string;
  readonly amount: string;
  /** Captured attempts. */
  readonly captures: number;
  /** What the ledger says was captured for the order; null when nothing was. */
  readonly captured: string | null;
  /** What we owe its customer by the ledger, in minor units and negative, as all credits are. */
  readonly balance: string;
}

interface Held extends Keyed {
  /** What the provider holds for the order, captures less refunds, in minor units. */
  readonly net: string;
}

const ended = ['cancelled', 'expired', 'refunded'];

/** A check of each order beside its payments. */
function besidePayments(
  declared: Pick<Check, 'name' | 'about' | 'holds'>,
  /** What is wrong with them, in words that follow the order's id. */
  complaint: (order: Order | undefined, payments: readonly Payment[]) => string | undefined,
): Check {
  return {
    ...declared,
    needs: ['order', 'payment'],
    async run(system) {
      const offenders = new Offenders();
      let checked = 0;
      const pairs = inStep<{ orders: Order; payments: Payment }>({ orders: ordersOf(system), payments: paymentsOf(system) });
      for await (const { key, orders, payments } of pairs) {
        checked += 1;
        const wrong = complaint(orders[0], payments);
        if (wrong !== undefined) offenders.add(`${key} ${wrong}`);
      }
      return { checked, offenders };
    },
  };
}

/** Orders and payments tell the same story. */
export const ordersAndPayments: readonly Check[] = [
  besidePayments(
    { name: 'one-payment-per-order', about: 'Each order has one payment, and each payment has an order.', holds: 'at rest' },
    (order, payments) => {
      if (!order) return 'has a payment, and is no order';
      return payments.length === 1 ? undefined : `has ${payments.length} payments`;
    },
  ),
  besidePayments(
    {
      name: 'captured-equals-total',
      about: "A payment is for its order's total, and what was captured for an order is its total, to the cent and in its currency.",
      holds: 'always',
    },
    (order, payments) => {
      for (const { amount, captured } of order ? payments : []) {
        if (amount !== order?.total) return `costs ${order?.total}, and its payment is for ${amount}`;
        if (captured !== null && captured !== order.total) return `costs ${order.total}, and ${captured} were captured`;
      }
      return undefined;
    },
  ),
  besidePayments(
    {
      name: 'paid-means-captured',
      about: 'An order is paid when, and only when, exactly one of its payments is captured, once.',
      holds: 'at rest',
    },
    (order, payments) => {
      const captures = payments.reduce((sum, payment) => sum + payment.captures, 0);
      const holding = payments.filter(({ status }) => status === 'captured').length;
      // Late money for an ended order is checked by itself, and so is a payment without an order.
      if (order?.status === 'awaiting_payment') return captures === 0 ? undefined : 'awaits the payment that was captured';
      if (order?.status === 'refunding' || order?.status === 'refunded')
        return captures === 1 ? undefined : `is ${order.status} after ${captures} captures`;
      if (order?.status !== 'paid') return undefined;
      if (captures !== 1) return `is paid by ${captures} captures`;
      return holding === 1 ? undefined : `is paid, and its payment is ${payments.map(({ status }) => status).join(' and ')}`;
    },
  ),
  besidePayments(
    {
      name: 'ended-payments-are-closed',
      about: 'The payment of a cancelled or expired order is voided or refunded, and that of a refunded order is refunded.',
      holds: 'at rest',
    },
    (order, payments) => {
      if (!order || !ended.includes(order.status)) return undefined;
      const closed = order.status === 'refunded' ? ['refunded'] : ['voided', 'refunded'];
      const open = payments.find(({ status }) => !closed.includes(status));
      return open && `is ${order.status}, and its payment is ${open.status}`;
    },
  ),
  besidePayments(
    {
      name: 'ended-customers-are-owed-nothing',
      about: "By the ledger, the customer's balance of a cancelled, expired or refunded order is zero.",
      holds: 'at rest',
    },
    (order, payments) => {
      if (!order || !ended.includes(order.status)) return undefined;
      const owing = payments.find(({ balance }) => balance !== '0');
      return owing && `is ${order.status}, and the balance of its customer is ${owing.balance}`;
    },
  ),
  {
    name: 'provider-holds-nothing-of-ended-orders',
    about: 'The provider holds no money of a cancelled, expired or refunded order.',
    holds: 'at rest',
    needs: ['order', 'psp-simulator'],
    async run(system) {
      const offenders = new Offenders();
      let checked = 0;
      for await (const { key, orders, held } of inStep<{ orders: Order; held: Held }>({
        orders: ordersOf(system),
        held: heldFor(system),
      })) {
        const status = orders[0]?.status ?? 'no order of ours';
        if (orders[0] && !ended.includes(status)) continue;
        checked += 1;
        const net = held[0]?.net ?? '0';
        if (net !== '0')
          offenders.add(`${key || 'an intent without an order'} is ${status}, and the provider holds ${net} (minor units) for it`);
      }
      return { checked, offenders };
    },
  },
];

function ordersOf(system: OpenSystem): AsyncIterable<Order> {
  return system.database('order').stream(`SELECT id::text AS key, status, total_minor || ' ' || currency AS total FROM orders ORDER BY id`);
}

function paymentsOf(system: OpenSystem): AsyncIterable<Payment> {
  return system.database('payment').stream(
    `SELECT payments.order_id::text AS key, status, amount_minor || ' ' || payments.currency AS amount, coalesce(captures, 0)::int AS captures,
            captured, coalesce(balance, 0)::text AS balance
       FROM payments
       LEFT JOIN (SELECT payment_id, count(*) AS captures FROM attempts WHERE outcome = 'captured' GROUP BY payment_id) AS c
         ON c.payment_id = payments.id
       LEFT JOIN (SELECT order_id, sum(amount_minor) FILTER (WHERE account = 'customer') AS balance,
                         sum(amount_minor) FILTER (WHERE account = 'provider' AND amount_minor > 0) || ' ' || string_agg(DISTINCT currency, '+') AS captured
                    FROM ledger_entries GROUP BY order_id) AS l
         ON l.order_id = payments.order_id
      ORDER BY payments.order_id`,
  );
}

function heldFor(system: OpenSystem): AsyncIterable<Held> {
  return system.database('psp-simulator').stream(
    `SELECT coalesce(metadata->>'order_id', '') COLLATE "C" AS key, sum(amount_received_minor - coalesce(returned, 0))::text AS net
       FROM payment_intents
       LEFT JOIN (SELECT payment_intent, sum(amount_minor) AS returned FROM refunds WHERE status = 'succeeded' GROUP BY payment_intent) AS r
         ON r.payment_intent = id
      WHERE status = 'succeeded'
      GROUP BY 1 ORDER BY 1`,
  );
}
