import { Column, Entity, JoinColumn, ManyToOne, OneToMany, PrimaryColumn, type Relation } from 'typeorm';
import type { RefundReason } from '#libs/contracts';
import type { PaymentStatus } from './payment-state.js';

/** The one payment of an order. */
@Entity('payments')
export class Payment {
  @PrimaryColumn('uuid')
  id: string;

  @Column('uuid', { name: 'order_id', unique: true })
  orderId: string;

  @Column('text', { name: 'customer_id' })
  customerId: string;

  @Column('text', { name: 'customer_email' })
  customerEmail: string;

  @Column('text')
  status: PaymentStatus;

  /** The order is cancelled, expired or being refunded: nothing more is asked of the provider but the refund of what it captured. */
  @Column('boolean', { name: 'order_ended' })
  orderEnded: boolean;

  @Column('bigint', { name: 'amount_minor' })
  amountMinor: number;

  @Column('text')
  currency: string;

  /** 1 when opened, one more with every change. */
  @Column('integer')
  version: number;

  @Column('timestamp with time zone', { name: 'opened_at', precision: 3 })
  openedAt: Date;

  @OneToMany(() => Attempt, (attempt) => attempt.payment)
  attempts: Relation<Attempt>[];

  @OneToMany(() => Refund, (refund) => refund.payment)
  refunds: Relation<Refund>[];
}

export const attemptOutcomes = ['pending', 'captured', 'declined', 'unknown'] as const;
/**
 * `pending`: the provider has not been asked yet, or its first answer is awaited. `unknown`: it had to be asked again because no answer
 * was recorded, or its answer contradicts us; either way it may or may not have the money.
 */
export type AttemptOutcome = (typeof attemptOutcomes)[number];

/** One try at capturing a payment with one payment method. */
@Entity('attempts')
export class Attempt {
  /** Also the provider's idempotency key: asking twice about one attempt captures once. */
  @PrimaryColumn('uuid')
  id: string;

  @Column('uuid', { name: 'payment_id' })
  paymentId: string;

  @ManyToOne(() => Payment, (payment) => payment.attempts)
  @JoinColumn({ name: 'payment_id', foreignKeyConstraintName: 'attempts_payment_id_fkey' })
  payment: Relation<Payment>;

  @Column('text', { name: 'payment_method' })
  paymentMethod: string;

  @Column('text')
  outcome: AttemptOutcome;

  @Column('text', { name: 'decline_code', nullable: true })
  declineCode: string | null;

  /** The provider's own name for what it captured. */
  @Column('text', { name: 'psp_reference', nullable: true })
  pspReference: string | null;

  /** When the provider was first asked; null while it certainly has not heard of this attempt. */
  @Column('timestamp with time zone', { name: 'asked_at', precision: 3, nullable: true })
  askedAt: Date | null;

  /** When the attempt was made. */
  @Column('timestamp with time zone', { precision: 3 })
  at: Date;
}

export const refundStatuses = ['pending', 'succeeded'] as const;
export type RefundStatus = (typeof refundStatuses)[number];

/** Money of a captured payment on its way back. */
@Entity('refunds')
export class Refund {
  /** Also the provider's idempotency key. */
  @PrimaryColumn('uuid')
  id: string;

  @Column('uuid', { name: 'payment_id' })
  paymentId: string;

  @ManyToOne(() => Payment, (payment) => payment.refunds)
  @JoinColumn({ name: 'payment_id', foreignKeyConstraintName: 'refunds_payment_id_fkey' })
  payment: Relation<Payment>;

  @Column('bigint', { name: 'amount_minor' })
  amountMinor: number;

  @Column('text')
  currency: string;

  @Column('text')
  reason: RefundReason;

  @Column('text')
  status: RefundStatus;

  @Column('text', { name: 'psp_reference', nullable: true })
  pspReference: string | null;

  /** When the money was asked back. */
  @Column('timestamp with time zone', { precision: 3 })
  at: Date;
}
