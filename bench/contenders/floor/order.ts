/** The order service of the floor: takes orders, and settles them. */
import type { DataOf, PaymentCaptured } from '#libs/contracts';
import { OrderPaid } from '#libs/contracts';
import { placeOrders } from './place-orders.js';
import { seenBy, step } from './outbox.js';
import { say, type Incoming } from './said.js';
import { openDatabase, Service } from './service.js';

const source = '/orderly/order';

const service = await Service.open();
await placeOrders(service);
await service.consume('order.settle-order', await settleOrders());
await service.serve();

async function settleOrders() {
  const database = await openDatabase();
  const settle = step(
    'settle-order',
    `${seenBy('order.settle-order')}, captured AS MATERIALIZED (
       SELECT * FROM unnest($8::uuid[], $9::uuid[], $10::bigint[]) AS captured (message_id, order_id, amount_minor)
       WHERE message_id IN (SELECT id FROM seen)
     ), fresh AS (
       -- Version 1 awaits its payment. By its status it would be looked up in an index of all that have ever waited.
       UPDATE orders SET status = 'paid', version = 2 FROM captured WHERE orders.id = order_id AND version = 1 AND total_minor = amount_minor
       RETURNING message_id AS id, order_id, version
     ), history AS (
       INSERT INTO order_history (order_id, sequence, from_status, to_status, cause, at)
       SELECT order_id, version, 'awaiting_payment', 'paid', 'payment.captured.v1', now() FROM fresh
     )`,
  );
  return async (messages: readonly Incoming<DataOf<typeof PaymentCaptured>>[]) => {
    const said = messages.map((because) => {
      const { orderId, customer, amount: total } = because.data;
      return say(OrderPaid, { orderId, customer, total }, { source, subject: orderId, because, sequence: 2 });
    });
    await service.outbox.commit(database, settle, said, [
      messages.map(({ id }) => id),
      messages.map(({ data }) => data.orderId),
      messages.map(({ data }) => data.amount.amountMinor),
    ]);
  };
}
