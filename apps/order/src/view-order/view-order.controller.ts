import { Controller } from '@nestjs/common';
import { MessagePattern, Payload } from '@nestjs/microservices';
import { DataSource, type EntityManager } from 'typeorm';
import { ViewOrder, type AnswerOf, type Happening } from '#libs/contracts';
import { happenedInMessaging } from '#libs/messaging';
import { orderColumns, type Order, type OrderHistory } from '../order/order.entity.js';

/** Tells other services what this one knows of an order. */
@Controller()
export class ViewOrderController {
  constructor(private readonly database: DataSource) {}

  @MessagePattern(ViewOrder.name)
  async viewOrder(@Payload() payload: unknown): Promise<AnswerOf<typeof ViewOrder>> {
    const { orderId, messageIds } = ViewOrder.question.parse(payload);
    const { manager } = this.database;
    const unsentAndHandled = messageIds ? await happenedInMessaging(manager, 'order', { orderId, messageIds }) : [];
    const [order]: Order[] = await manager.query(`SELECT ${orderColumns} FROM orders WHERE id = $1`, [orderId]);
    if (!order) return { order: null, happened: unsentAndHandled };
    const { id, status, totalMinor, currency, placedAt, paymentDeadline } = order;
    return {
      order: {
        id,
        status,
        total: { amountMinor: totalMinor, currency },
        placedAt: placedAt.toISOString(),
        paymentDeadline: paymentDeadline.toISOString(),
      },
      happened: messageIds ? [...(await placing(order, manager)), ...(await changes(id, manager)), ...unsentAndHandled] : [],
    };
  }
}

const placingId = 'order.placing';

/** The call that placed it. Its key is known for as long as keys are kept. */
async function placing({ id, customerId, placedAt }: Order, manager: EntityManager): Promise<Happening[]> {
  const keys: { key: string; status: number | null }[] = await manager.query(
    `SELECT key, status FROM idempotency_keys WHERE caller = $1 AND method = 'POST' AND path = '/orders' AND headers->>'location' = $2`,
    [`customer:${customerId}`, `/orders/${id}`],
  );
  const details = { customerId, ...(keys[0] && { idempotencyKey: keys[0].key, answered: keys[0].status }) };
  return [{ at: placedAt.toISOString(), kind: 'request', what: 'POST /orders', id: placingId, details }];
}

async function changes(orderId: string, manager: EntityManager): Promise<Happening[]> {
  const rows: Pick<OrderHistory, 'sequence' | 'from' | 'to' | 'cause' | 'at'>[] = await manager.query(
    'SELECT sequence, from_status AS "from", to_status AS "to", cause, at FROM order_history WHERE order_id = $1 ORDER BY sequence',
    [orderId],
  );
  return rows.flatMap(({ sequence, from, to, cause, at: instant }): Happening[] => {
    const at = instant.toISOString();
    const cancelling: Happening[] =
      cause === 'customer' ? [{ at, kind: 'request', what: `POST /orders/${orderId}/cancel`, id: `order.cancelling.${sequence}` }] : [];
    const request = cause === 'placed' ? placingId : cancelling[0]?.id;
    const what = from === null ? `the order is ${to}` : `the order goes from ${from} to ${to}`;
    return [
      ...cancelling,
      { at, kind: 'change', what, id: `order.v${sequence}`, sequence, details: { from, to, cause }, ...(request && { causedBy: request }) },
    ];
  });
}
