import { createHash } from 'node:crypto';
import { z } from 'zod';
import { PaymentSeen } from '#libs/contracts';
import { entityTag, InstantView, MoneyView } from '#libs/http';
import type { Order, OrderHistory } from './order.entity.js';
import { orderStatuses } from './order-state.js';

const Status = z.enum(orderStatuses).meta({ id: 'OrderStatus' });

/** An order as its customer sees it. */
export const OrderView = z
  .object({
    id: z.uuid(),
    status: Status,
    items: z
      .array(z.object({ sku: z.string(), name: z.string(), quantity: z.int(), price: MoneyView }))
      .meta({ examples: [[{ sku: 'MUG-STONEWARE', name: 'Stoneware mug', quantity: 2, price: { amountMinor: 1299, currency: 'EUR' } }]] }),
    total: MoneyView.meta({ examples: [{ amountMinor: 2598, currency: 'EUR' }] }),
    email: z.string().meta({ examples: ['alice@example.com'] }),
    placedAt: InstantView,
    paymentDeadline: InstantView,
  })
  .meta({ id: 'Order' });
export type OrderView = z.infer<typeof OrderView>;

/** An order together with every change of its state, oldest first. */
export const OrderWithHistoryView = OrderView.extend({
  history: z.array(
    z.object({
      sequence: z.int().meta({ description: 'Counts from 1.' }),
      from: Status.nullable().meta({ examples: [null] }),
      to: Status,
      cause: z
        .string()
        .meta({ description: '`placed`, `customer`, `deadline`, or the type of the message that decided.', examples: ['placed'] }),
      at: InstantView,
    }),
  ),
}).meta({ id: 'OrderWithHistory' });
export type OrderWithHistoryView = z.infer<typeof OrderWithHistoryView>;

const shape = createHash('sha256')
  .update(JSON.stringify(z.toJSONSchema(OrderWithHistoryView)))
  .digest('base64url')
  .slice(0, 8);

/** Of an order as it is shown with its history: another one when it has changed, and after a release that shows more of it. */
export const orderTag = ({ version }: Pick<Order, 'version'>): string => entityTag(`${version}.${shape}`);

/** What `expand=payment` adds to an order. */
export const ExpandedOrderView = OrderWithHistoryView.extend({
  payment: PaymentSeen.nullable().optional().meta({
    description: 'With `expand=payment`. Null when it is not opened yet, and when the payment service does not answer, which `gaps` says.',
  }),
  gaps: z
    .array(z.object({ source: z.string(), reason: z.string() }))
    .optional()
    .meta({ description: 'With `expand`: who has not told their part, and why.' }),
}).meta({ id: 'ExpandedOrder' });
export type ExpandedOrderView = z.infer<typeof ExpandedOrderView>;

/** Shows a row as JSON, money with its currency and instants in UTC. */
export function orderView({ id, status, items, totalMinor, currency, email, placedAt, paymentDeadline }: Order): OrderView {
  return {
    id,
    status,
    items: items.map(({ sku, name, quantity, priceMinor }) => ({ sku, name, quantity, price: { amountMinor: priceMinor, currency } })),
    total: { amountMinor: totalMinor, currency },
    email,
    placedAt: placedAt.toISOString(),
    paymentDeadline: paymentDeadline.toISOString(),
  };
}

export function orderWithHistoryView(order: Order, history: readonly OrderHistory[]): OrderWithHistoryView {
  return {
    ...orderView(order),
    history: history.map(({ sequence, from, to, cause, at }) => ({ sequence, from, to, cause, at: at.toISOString() })),
  };
}
