import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { OrderStatus } from './order-state.js';

/** One line of an order, as it was sold: later changes of the product don't reach it. */
export interface OrderItem {
  readonly sku: string;
  readonly name: string;
  readonly quantity: number;
  /** Of one piece, in the order's currency. */
  readonly priceMinor: number;
}

@Entity('orders')
export class Order {
  @PrimaryColumn({ type: 'uuid' })
  id: string;

  @Column({ name: 'customer_id', type: 'text' })
  customerId: string;

  @Column({ type: 'text' })
  email: string;

  @Column({ type: 'text' })
  status: OrderStatus;

  @Column({ type: 'jsonb' })
  items: OrderItem[];

  @Column({ name: 'total_minor', type: 'bigint' })
  totalMinor: number;

  @Column({ type: 'char', length: 3 })
  currency: string;

  /** 1 when placed, one more with each change of state: the sequence of the newest row of its history. */
  @Column({ type: 'integer' })
  version: number;

  @Column({ name: 'placed_at', type: 'timestamptz', precision: 3 })
  placedAt: Date;

  @Column({ name: 'payment_deadline', type: 'timestamptz', precision: 3 })
  paymentDeadline: Date;
}

/** A change of an order's state, and what decided it. Rows are added and never changed. */
@Entity('order_history')
export class OrderHistory {
  @PrimaryColumn({ name: 'order_id', type: 'uuid' })
  orderId: string;

  @PrimaryColumn({ type: 'integer' })
  sequence: number;

  @Column({ name: 'from_status', type: 'text', nullable: true })
  from: OrderStatus | null;

  @Column({ name: 'to_status', type: 'text' })
  to: OrderStatus;

  /** `placed`, `customer`, `deadline`, or the type of the message that decided. */
  @Column({ type: 'text' })
  cause: string;

  @Column({ type: 'timestamptz', precision: 3 })
  at: Date;
}

/** The columns of `orders` under the names of {@link Order}, for statements that are written as SQL. */
export const orderColumns = `orders.id, orders.customer_id AS "customerId", orders.email, orders.status, orders.items, orders.total_minor AS "totalMinor",
  orders.currency, orders.version, orders.placed_at AS "placedAt", orders.payment_deadline AS "paymentDeadline"`;
