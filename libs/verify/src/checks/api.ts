import { Offenders, type Check } from '../check.js';
import type { HttpApi } from '../http-api.js';
import { inStep, type Keyed } from '../in-step.js';

interface Money {
  readonly amountMinor: number;
  readonly currency: string;
}

interface OrderShown {
  readonly id: string;
  readonly status: string;
  readonly total: Money;
  readonly placedAt: string;
}

interface PaymentShown {
  readonly id: string;
  readonly orderId: string;
  readonly status: string;
  readonly amount: Money;
  readonly attempts: readonly { readonly id: string; readonly outcome: string }[];
  readonly refunds: readonly { readonly id: string; readonly status: string; readonly amount: Money }[];
}

/** An order in one line. `key`: when it was placed, and its id. */
interface OrderLine extends Keyed {
  readonly line: string;
}

const pageSize = 100;
const samplePayments = 500;
const askedAtOnce = 8;

/** What people are shown is what the databases say. */
export const api: readonly Check[] = [
  {
    name: 'listed-orders-equal-sql',
    about: 'GET /orders, page by page, lists every order once, with the status and total that the database has.',
    holds: 'at rest',
    needs: ['order', 'order-api'],
    async run(system) {
      const offenders = new Offenders();
      let checked = 0;
      const both = inStep<{ shown: OrderLine; stored: OrderLine }>(
        {
          shown: shownOrders(system.api('order'), offenders),
          stored: system.database('order').stream(
            `SELECT to_char(placed_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') || ' ' || id AS key,
                    status || ' ' || total_minor || ' ' || currency AS line
               FROM orders ORDER BY placed_at DESC, id DESC`,
          ),
        },
        'descending',
      );
      for await (const { key, shown, stored } of both) {
        checked += 1;
        const [listed, kept] = [shown, stored].map((lines) => lines.map(({ line }) => line).join(' and ') || 'missing');
        if (listed !== kept) offenders.add(`${key.split(' ')[1]} is ${kept} in SQL, and ${listed} in the list`);
      }
      return { checked, offenders };
    },
  },
  {
    name: 'shown-payments-equal-sql',
    about: `GET /payments/{id} shows the amounts, attempts and refunds that the database has; of more than ${samplePayments} payments, a sample.`,
    holds: 'at rest',
    needs: ['payment', 'payment-api'],
    async run(system) {
      const offenders = new Offenders();
      const payments = await system.database('payment').rows<{ id: string; line: string }>(
        `SELECT id::text, concat_ws(' ', order_id, status, amount_minor, currency,
                (SELECT string_agg(concat_ws(' ', id, outcome), ' ' ORDER BY id) FROM attempts WHERE payment_id = payments.id),
                (SELECT string_agg(concat_ws(' ', id, status, amount_minor, currency), ' ' ORDER BY id) FROM refunds WHERE payment_id = payments.id)) AS line
           FROM (SELECT * FROM payments ORDER BY md5(id::text) LIMIT ${samplePayments}) AS payments`,
      );
      const left = [...payments];
      const ask = async () => {
        for (let payment = left.pop(); payment; payment = left.pop()) {
          const { status, body } = await system.api('payment').get(`/payments/${payment.id}`);
          const shown = status === 200 ? lineOf(body as PaymentShown) : `an answer with status ${status}`;
          if (shown !== payment.line) offenders.add(`${payment.id} is ${payment.line} in SQL, and shown as ${shown}`);
        }
      };
      await Promise.all(Array.from({ length: askedAtOnce }, ask));
      return { checked: payments.length, offenders };
    },
  },
];

async function* shownOrders(orders: HttpApi, offenders: Offenders): AsyncGenerator<OrderLine, void, undefined> {
  let after = '';
  for (;;) {
    const { status, body } = await orders.get(`/orders?limit=${pageSize}${after}`);
    if (status !== 200) {
      offenders.add(`GET /orders is answered with status ${status}`);
      return;
    }
    const { items, next } = body as { items: readonly OrderShown[]; next: string | null };
    for (const { id, status: stands, total, placedAt } of items)
      yield { key: `${placedAt} ${id}`, line: `${stands} ${total.amountMinor} ${total.currency}` };
    if (next === null) return;
    after = `&after=${encodeURIComponent(next)}`;
  }
}

/** A payment in the words in which SQL writes it. */
function lineOf({ orderId, status, amount, attempts, refunds }: PaymentShown): string {
  const inOrder = <Part extends { readonly id: string }>(parts: readonly Part[]) => parts.toSorted((a, b) => (a.id < b.id ? -1 : 1));
  return [
    orderId,
    status,
    amount.amountMinor,
    amount.currency,
    ...inOrder(attempts).flatMap(({ id, outcome }) => [id, outcome]),
    ...inOrder(refunds).flatMap((refund) => [refund.id, refund.status, refund.amount.amountMinor, refund.amount.currency]),
  ].join(' ');
}
