export type Service = 'order' | 'payment' | 'notification';

/** Two mugs and a kettle, as the load generator orders them. */
const totalMinor = 10_597;
const items = JSON.stringify([
  { sku: 'MUG-STONEWARE', name: 'Stoneware mug', quantity: 2, priceMinor: 1299 },
  { sku: 'KETTLE-GOOSENECK', name: 'Gooseneck kettle', quantity: 1, priceMinor: 7999 },
]);
/** What a customer was answered, as long as it is in truth. */
const answer = JSON.stringify({
  id: '{id}',
  status: 'awaiting_payment',
  items: JSON.parse(items),
  total: totalMinor,
  about: 'x'.repeat(200),
});

/**
 * The statements that write orders into the books of each service. They read the table `made`, one row for each order, and leave what the
 * services themselves leave of an order that was paid at the first attempt, or of one that has no payment method yet.
 */
export const rowsOf: Readonly<Record<Service, readonly string[]>> = {
  order: [
    `INSERT INTO orders (id, customer_id, email, status, items, total_minor, currency, version, placed_at, payment_deadline)
     SELECT order_id, customer_id, customer_id || '@example.com', CASE WHEN paid THEN 'paid' ELSE 'awaiting_payment' END, '${items}',
            ${totalMinor}, 'EUR', CASE WHEN paid THEN 2 ELSE 1 END, placed_at, deadline
     FROM made`,
    `INSERT INTO order_history (order_id, sequence, from_status, to_status, cause, at)
     SELECT order_id, sequence, from_status, to_status, cause, placed_at
     FROM made CROSS JOIN (VALUES (1, NULL, 'awaiting_payment', 'placed'), (2, 'awaiting_payment', 'paid', 'payment.captured.v1'))
       AS step (sequence, from_status, to_status, cause)
     WHERE paid OR sequence = 1`,
    `INSERT INTO idempotency_keys (caller, method, path, key, fingerprint, status, headers, body, created_at)
     SELECT 'customer:' || customer_id, 'POST', '/orders', gen_random_uuid(), repeat(md5(number::text), 2), 201,
            jsonb_build_object('location', '/orders/' || order_id), replace('${answer}', '{id}', order_id::text), placed_at
     FROM made`,
    inbox({ 'order.settle-order': 'captured', 'order.expire-order': 'expire' }, 'paid'),
  ],
  payment: [
    `INSERT INTO payments (id, order_id, customer_id, customer_email, status, order_ended, amount_minor, currency, version, opened_at)
     SELECT payment_id, order_id, customer_id, customer_id || '@example.com', CASE WHEN paid THEN 'captured' ELSE 'open' END, false,
            ${totalMinor}, 'EUR', CASE WHEN paid THEN 3 ELSE 1 END, placed_at
     FROM made`,
    `INSERT INTO payment_history (payment_id, sequence, from_status, to_status, cause, at)
     SELECT payment_id, sequence, from_status, to_status, cause, placed_at
     FROM made CROSS JOIN (VALUES (1, NULL, 'open', 'opened'), (2, 'open', 'authorising', 'attempted'), (3, 'authorising', 'captured', 'captured'))
       AS step (sequence, from_status, to_status, cause)
     WHERE paid OR sequence = 1`,
    `INSERT INTO attempts (id, payment_id, payment_method, outcome, psp_reference, asked_at, at)
     SELECT attempt_id, payment_id, 'pm_card_visa', 'captured', 'pi_' || attempt_id, placed_at, placed_at FROM made WHERE paid`,
    `INSERT INTO ledger_entries (transaction_id, account, payment_id, order_id, amount_minor, currency, at)
     SELECT attempt_id, account, payment_id, order_id, amount_minor, 'EUR', placed_at
     FROM made CROSS JOIN (VALUES ('provider', ${totalMinor}), ('customer', -${totalMinor})) AS line (account, amount_minor)
     WHERE paid`,
    inbox({ 'payment.open-payment': 'placed' }),
    inbox({ 'payment.capture-payment': 'capture' }, 'paid'),
  ],
  notification: [
    `INSERT INTO notifications (id, event_id, order_id, customer_id, kind, channel, status, recipient, subject, body, at, sent_at)
     SELECT pg_temp.id_of(kind, number, ms), pg_temp.id_of(event, number, ms), order_id, customer_id, kind, 'email', 'sent',
            customer_id || '@example.com', 'News of your order', 'Thank you for your order. We are asking for your payment of 105.97 EUR now.',
            placed_at, placed_at
     FROM made CROSS JOIN (VALUES ('order-placed', 'placed'), ('order-paid', 'paid')) AS notice (kind, event)
     WHERE paid OR event = 'placed'`,
    inbox({ 'notification.notify-customer': 'placed', 'notification.email': 'placed notice', 'notification.webhook': 'placed notice' }),
    inbox({ 'notification.notify-customer': 'paid', 'notification.email': 'paid notice', 'notification.webhook': 'paid notice' }, 'paid'),
  ],
};

/** What each consumer has handled, by the message's own word. */
function inbox(handled: Readonly<Record<string, string>>, which: 'paid' | 'true' = 'true'): string {
  const consumers = Object.entries(handled).map(([consumer, what]) => `('${consumer}', '${what}')`);
  return `INSERT INTO inbox (consumer, message_id, handled_at)
          SELECT consumer, pg_temp.id_of(what, number, ms), placed_at
          FROM made CROSS JOIN (VALUES ${consumers.join(', ')}) AS handled (consumer, what)
          WHERE ${which}`;
}
