import type { DataSource } from 'typeorm';
import type { OrderStatus } from '../../apps/order/src/order/order-state.js';
import type { AttemptOutcome, RefundStatus } from '../../apps/payment/src/payment/payment.entity.js';
import type { PaymentStatus } from '../../apps/payment/src/payment/payment-state.js';

export interface HistoryRow {
  readonly owner: string;
  readonly sequence: number;
  readonly from: string | null;
  readonly to: string;
  readonly cause: string;
}

export interface OrderRow {
  readonly id: string;
  readonly status: OrderStatus;
  readonly total: number;
  readonly version: number;
}

export interface PaymentRow {
  readonly id: string;
  readonly orderId: string;
  readonly status: PaymentStatus;
  readonly orderEnded: boolean;
  readonly amount: number;
  readonly requested: number;
  readonly version: number;
}

export interface AttemptRow {
  readonly id: string;
  readonly paymentId: string;
  readonly method: string;
  readonly outcome: AttemptOutcome;
  readonly reference: string | null;
}

export interface RefundRow {
  readonly id: string;
  readonly paymentId: string;
  readonly status: RefundStatus;
  readonly amount: number;
  readonly reference: string | null;
}

export interface LedgerRow {
  readonly transactionId: string;
  readonly orderId: string;
  readonly account: 'provider' | 'customer';
  readonly amount: number;
}

/** What our two databases say of some orders. */
export interface Books {
  readonly orders: readonly OrderRow[];
  readonly orderHistory: readonly HistoryRow[];
  readonly payments: readonly PaymentRow[];
  readonly paymentHistory: readonly HistoryRow[];
  readonly attempts: readonly AttemptRow[];
  readonly refunds: readonly RefundRow[];
  readonly ledger: readonly LedgerRow[];
}

export const noBooks: Books = { orders: [], orderHistory: [], payments: [], paymentHistory: [], attempts: [], refunds: [], ledger: [] };

const list = (name: string, select: string) => `(SELECT coalesce(json_agg(row), '[]') FROM (${select}) AS row) AS "${name}"`;

const history = (table: string, owner: string, where: string) =>
  `SELECT ${owner} AS owner, sequence, from_status AS "from", to_status AS "to", cause FROM ${table} WHERE ${where} ORDER BY ${owner}, sequence`;

const ofOrders = `SELECT
  ${list('orders', 'SELECT id, status, total_minor AS total, version FROM orders WHERE id = ANY($1::uuid[])')},
  ${list('orderHistory', history('order_history', 'order_id', 'order_id = ANY($1::uuid[])'))}`;

const mine = 'payment_id IN (SELECT id FROM payments WHERE order_id = ANY($1::uuid[]))';
const ofPayments = `SELECT
  ${list('payments', 'SELECT id, order_id AS "orderId", status, order_ended AS "orderEnded", amount_minor AS amount, refund_requested_minor AS requested, version FROM payments WHERE order_id = ANY($1::uuid[])')},
  ${list('paymentHistory', history('payment_history', 'payment_id', mine))},
  ${list('attempts', `SELECT id, payment_id AS "paymentId", payment_method AS method, outcome, psp_reference AS reference FROM attempts WHERE ${mine}`)},
  ${list('refunds', `SELECT id, payment_id AS "paymentId", status, amount_minor AS amount, psp_reference AS reference FROM refunds WHERE ${mine}`)},
  ${list('ledger', 'SELECT transaction_id AS "transactionId", order_id AS "orderId", account, amount_minor AS amount FROM ledger_entries WHERE order_id = ANY($1::uuid[])')}`;

export async function readBooks(orders: DataSource, payments: DataSource, orderIds: readonly string[]): Promise<Books> {
  if (orderIds.length === 0) return noBooks;
  const [[one], [other]]: [Partial<Books>[], Partial<Books>[]] = await Promise.all([
    orders.query(ofOrders, [orderIds]),
    payments.query(ofPayments, [orderIds]),
  ]);
  return { ...one, ...other } as Books;
}
