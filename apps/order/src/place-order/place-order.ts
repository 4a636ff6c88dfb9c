import { Injectable } from '@nestjs/common';
import { v7 as uuidv7 } from 'uuid';
import { ExpireOrder, OrderPlaced } from '#libs/contracts';
import { answer, answerEachOnce, problem, Problem, type Answer, type IdempotentRequest } from '#libs/http';
import { Transactions, type Transaction } from '#libs/messaging';
import { currentTrace } from '#libs/service';
import { ordersPlaced } from '../metrics.js';
import { orderColumns, type Order } from '../order/order.entity.js';
import { orderView } from '../order/order-view.js';
import { unknownSkus } from './known-skus.js';
import { PaymentWindow } from './payment-window.js';
import type { PlaceOrderBody } from './place-order-body.js';

/** A request to place an order. */
interface Wish {
  readonly orderId: string;
  readonly customerId: string;
  readonly body: PlaceOrderBody;
  readonly request: IdempotentRequest;
  readonly traceparent: string | undefined;
}

/**
 * Accepts orders. One transaction holds the key, the order with our prices, its first history row, the news of it, and its deadline; and
 * it does so for all that came while the one before was being committed.
 */
@Injectable()
export class PlaceOrder {
  private readonly placeTogether: (wish: Wish) => Promise<Answer | Problem>;

  constructor(
    transactions: Transactions,
    private readonly paymentWindow: PaymentWindow,
  ) {
    this.placeTogether = transactions.grouped((wishes, tx) => answerEachOnce(tx, wishes, (fresh) => this.placeNew(fresh, tx)));
  }

  /** Throws the problem `validation` when a product is unknown, and then the key is free again. */
  async place(body: PlaceOrderBody, customerId: string, request: IdempotentRequest): Promise<Answer> {
    const wish = { orderId: uuidv7(), customerId, body, request, traceparent: currentTrace()?.traceparent };
    const outcome = await this.placeTogether(wish);
    if (outcome instanceof Problem) throw outcome;
    if (!outcome.replayed) ordersPlaced.inc();
    return outcome;
  }

  private async placeNew(wishes: readonly Wish[], tx: Transaction): Promise<(Answer | Problem)[]> {
    const orders = await this.insert(wishes, tx);
    const outcomes: (Answer | Problem)[] = [];
    for (const wish of wishes) {
      const order = orders.get(wish.orderId);
      if (order) outcomes.push(placed(order, wish, tx));
      else {
        const skus = wish.body.items.map(({ sku }) => sku);
        outcomes.push(problem('validation', 'See `errors` for each of them.', { errors: await unknownSkus(skus, tx.manager) }));
      }
    }
    return outcomes;
  }

  /** Reads prices, writes orders and their history in one statement, with the database's clock. Leaves out those with an unknown product. */
  private async insert(wishes: readonly Wish[], tx: Transaction): Promise<Map<string, Order>> {
    const lines = wishes.flatMap(({ orderId, body }) => body.items.map((item, position) => ({ orderId, position, ...item })));
    const orders = await tx.manager.query<Order[]>(
      `WITH wish AS (
         SELECT * FROM unnest($1::uuid[], $2::text[], $3::text[], $4::integer[]) AS wish (id, customer_id, email, window_seconds)
       ), line AS (
         SELECT line.*, products.name, products.price_minor, products.currency
         FROM unnest($5::uuid[], $6::text[], $7::integer[], $8::integer[]) AS line (order_id, sku, quantity, position)
         LEFT JOIN products ON products.sku = line.sku
       ), placed AS (
         INSERT INTO orders (id, customer_id, email, status, items, total_minor, currency, version, placed_at, payment_deadline)
         SELECT id, customer_id, email, 'awaiting_payment',
           jsonb_agg(jsonb_build_object('sku', sku, 'name', name, 'quantity', quantity, 'priceMinor', price_minor) ORDER BY position),
           sum(quantity::bigint * price_minor), min(currency), 1,
           date_trunc('milliseconds', now()), date_trunc('milliseconds', now()) + make_interval(secs => window_seconds)
         FROM wish JOIN line ON line.order_id = wish.id
         GROUP BY id, customer_id, email, window_seconds HAVING bool_and(price_minor IS NOT NULL)
         RETURNING *
       ), history AS (
         INSERT INTO order_history (order_id, sequence, from_status, to_status, cause, at)
         SELECT id, version, NULL, status, 'placed', placed_at FROM placed
       )
       SELECT ${orderColumns} FROM placed AS orders`,
      [
        wishes.map(({ orderId }) => orderId),
        wishes.map(({ customerId }) => customerId),
        wishes.map(({ body }) => body.email),
        wishes.map(({ body }) => body.paymentWindowSeconds ?? this.paymentWindow.seconds),
        lines.map(({ orderId }) => orderId),
        lines.map(({ sku }) => sku),
        lines.map(({ quantity }) => quantity),
        lines.map(({ position }) => position),
      ],
    );
    return new Map(orders.map((order) => [order.id, order]));
  }
}

/** Says it to the others, sets its clock, and answers the customer. */
function placed(order: Order, { customerId, body, traceparent }: Wish, tx: Transaction): Answer {
  const { id: orderId, totalMinor: amountMinor, currency, paymentDeadline } = order;
  tx.publish(
    OrderPlaced,
    {
      orderId,
      customer: { id: customerId, email: body.email },
      total: { amountMinor, currency },
      paymentDeadline: paymentDeadline.toISOString(),
      ...(body.paymentMethod && { paymentMethod: body.paymentMethod }),
    },
    { subject: orderId, sequence: order.version, traceparent },
  );
  tx.publish(ExpireOrder, { orderId }, { subject: orderId, due: paymentDeadline, traceparent });
  return answer(201, orderView(order), { location: `/orders/${orderId}` });
}
