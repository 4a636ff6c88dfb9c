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

  /** How much of it was asked back so far, be it on its way or there. */
  @Column('bigint', { name: 'refund_requested_minor', default: 0 })
  refundRequestedMinor: number;

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
 * `pending`: the provider has not been asked yet, or has yet to decide. `unknown`: it was asked and gave no answer, or one that
 * contradicts us; either way it may or may not have the money.
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

  /** How often its outcome was looked for, or is going to be. */
  @Column('smallint', { default: 0 })
  lookups: number;

  /** When its outcome is looked for next; null while nobody has to. */
  @Column('timestamp with time zone', { name: 'reconcile_at', precision: 3, nullable: true })
  reconcileAt: Date | null;

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

  /** An operator's reason in their own words. */
  @Column('text', { nullable: true })
  note: string | null;

  @Column('text')
  status: RefundStatus;

  @Column('text', { name: 'psp_reference', nullable: true })
  pspReference: string | null;

  /** When the provider was first asked; null while it certainly has not heard of this refund. */
  @Column('timestamp with time zone', { name: 'asked_at', precision: 3, nullable: true })
  askedAt: Date | null;

  /** How often the provider left it open. */
  @Column('smallint', { default: 0 })
  tries: number;

  /** When it is asked for again; null while nobody has to. */
  @Column('timestamp with time zone', { name: 'retry_at', precision: 3, nullable: true })
  retryAt: Date | null;

  /** When the money was asked back. */
  @Column('timestamp with time zone', { precision: 3 })
  at: Date;
}
