import { Inject, Injectable } from '@nestjs/common';
import { v7 as uuidv7 } from 'uuid';
import { ExpireOrder, OrderPlaced } from '#libs/contracts';
import { answer, answerOnce, problem, type Answer, type IdempotentRequest } from '#libs/http';
import { Transactions, type Transaction } from '#libs/messaging';
import { ORDER_CONFIG, type OrderConfig } from '../config.js';
import { ordersPlaced } from '../metrics.js';
import { orderColumns, type Order } from '../order/order.entity.js';
import { orderView } from '../order/order-view.js';
import { unknownSkus } from './known-skus.js';
import type { PlaceOrderBody } from './place-order-body.js';

/** Accepts orders. One transaction holds the key, the order with our prices, its first history row, the news of it, and its deadline. */
@Injectable()
export class PlaceOrder {
  constructor(
    private readonly transactions: Transactions,
    @Inject(ORDER_CONFIG) private readonly config: OrderConfig,
  ) {}

  /** Throws the problem `validation` when a product is unknown, and then the key is free again. */
  async place(body: PlaceOrderBody, customerId: string, request: IdempotentRequest): Promise<Answer> {
    const answered = await this.transactions.run((tx) =>
      answerOnce(tx.manager, request, async () => {
        const order = await this.insert(body, customerId, tx);
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
          { subject: orderId, sequence: order.version },
        );
        tx.publish(ExpireOrder, { orderId }, { subject: orderId, due: paymentDeadline });
        return answer(201, orderView(order), { location: `/orders/${orderId}` });
      }),
    );
    if (!answered.replayed) ordersPlaced.inc();
    return answered;
  }

  /** Reads prices, writes the order and its history in one statement, with the database's clock. Inserts nothing when a product is unknown. */
  private async insert({ items, email, paymentWindowSeconds }: PlaceOrderBody, customerId: string, tx: Transaction): Promise<Order> {
    const skus = items.map(({ sku }) => sku);
    const [order] = await tx.manager.query<Order[]>(
      `WITH lines AS (
         SELECT line.sku, line.quantity, line.position, products.name, products.price_minor, products.currency
         FROM unnest($2::text[], $3::integer[]) WITH ORDINALITY AS line (sku, quantity, position)
         LEFT JOIN products ON products.sku = line.sku
       ), placed AS (
         INSERT INTO orders (id, customer_id, email, status, items, total_minor, currency, version, placed_at, payment_deadline)
         SELECT $1::uuid, $4, $5, 'awaiting_payment',
           jsonb_agg(jsonb_build_object('sku', sku, 'name', name, 'quantity', quantity, 'priceMinor', price_minor) ORDER BY position),
           sum(quantity::bigint * price_minor), min(currency), 1,
           date_trunc('milliseconds', now()), date_trunc('milliseconds', now()) + make_interval(secs => $6)
         FROM lines HAVING bool_and(price_minor IS NOT NULL)
         RETURNING *
       ), history AS (
         INSERT INTO order_history (order_id, sequence, from_status, to_status, cause, at)
         SELECT id, version, NULL, status, 'placed', placed_at FROM placed
       )
       SELECT ${orderColumns} FROM placed AS orders`,
      [
        uuidv7(),
        skus,
        items.map(({ quantity }) => quantity),
        customerId,
        email,
        paymentWindowSeconds ?? this.config.PAYMENT_WINDOW_SECONDS,
      ],
    );
    if (order) return order;
    throw problem('validation', 'See `errors` for each of them.', { errors: await unknownSkus(skus, tx.manager) });
  }
}
