import { Counter, Gauge, Histogram } from 'prom-client';
import type { Said } from './order/order-state.js';

export const ordersPlaced = new Counter({ name: 'orderly_orders_placed_total', help: 'Orders accepted, repeats not counted' });

/** Counted by what an order's change says to the others. */
export const ordersChanged: Record<Said, Counter> = {
  'order.paid.v1': new Counter({ name: 'orderly_orders_paid_total', help: 'Orders whose payment was captured in time' }),
  'order.cancelled.v1': new Counter({ name: 'orderly_orders_cancelled_total', help: 'Orders cancelled by their customer, paid or not' }),
  'order.expired.v1': new Counter({ name: 'orderly_orders_expired_total', help: 'Orders that nobody paid before the deadline' }),
  'order.refunded.v1': new Counter({ name: 'orderly_orders_refunded_total', help: 'Cancelled paid orders whose money has gone back' }),
  'payment.refund.v1': new Counter({
    name: 'orderly_order_refunds_requested_total',
    help: 'Refunds asked for: of cancelled orders and of late money',
  }),
};

export const settlementTime = new Histogram({
  name: 'orderly_order_settlement_seconds',
  help: 'From placing an order to knowing that it is paid',
  buckets: [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 15, 60, 300, 900],
});

export const overdueOrdersSwept = new Counter({
  name: 'orderly_overdue_orders_swept_total',
  help: 'Orders that the sweeper expired because their timer was lost',
});

export const ordersOverdue = new Gauge({
  name: 'orderly_orders_overdue',
  help: 'Orders that await their payment past their deadline and its grace: neither timer nor sweeper has come',
});

/** `stale`: an old copy, because the database was away or slow. */
export const productReads = new Counter({
  name: 'orderly_product_reads_total',
  help: 'Products and lists of them that were read, by where they came from: memory, redis, database or stale',
  labelNames: ['from'],
});
