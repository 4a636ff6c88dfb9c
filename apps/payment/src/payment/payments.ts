import type { EntityManager } from 'typeorm';
import { v7 as uuidv7 } from 'uuid';
import { CapturePayment, type Customer, type Envelope, type Money } from '#libs/contracts';
import type { Transaction } from '#libs/messaging';
import { decide, type Cause, type PaymentState, type PaymentStatus } from './payment-state.js';

/** A step in a payment's life, for its history. */
interface Move {
  readonly sequence: number;
  readonly from: PaymentStatus | null;
  readonly to: PaymentStatus;
  readonly cause: Cause | 'opened';
}

/** A payment that the transaction at hand has locked, or is about to insert. */
export class LockedPayment implements PaymentState {
  readonly id: string;
  readonly orderId: string;
  readonly customer: Customer;
  readonly amount: Money;
  status: PaymentStatus;
  orderEnded: boolean;
  version: number;
  /** How much was asked back so far, be it on its way or there. */
  refundRequestedMinor: number;
  /** What happened to it in this transaction. */
  readonly moves: Move[] = [];

  constructor(
    payment: Pick<LockedPayment, 'id' | 'orderId' | 'customer' | 'amount' | 'status' | 'orderEnded' | 'version' | 'refundRequestedMinor'>,
  ) {
    this.id = payment.id;
    this.orderId = payment.orderId;
    this.customer = payment.customer;
    this.amount = payment.amount;
    this.status = payment.status;
    this.orderEnded = payment.orderEnded;
    this.version = payment.version;
    this.refundRequestedMinor = payment.refundRequestedMinor;
  }

  /** A new payment, not yet stored. */
  static open(orderId: string, customer: Customer, amount: Money): LockedPayment {
    const opened = {
      id: uuidv7(),
      orderId,
      customer,
      amount,
      status: 'open',
      orderEnded: false,
      version: 1,
      refundRequestedMinor: 0,
    } as const;
    const payment = new LockedPayment(opened);
    payment.moves.push({ sequence: 1, from: null, to: 'open', cause: 'opened' });
    return payment;
  }

  /** @throws IllegalTransition */
  apply(cause: Cause): void {
    const from = this.status;
    const { status, orderEnded } = decide(this, cause);
    this.status = status;
    this.orderEnded = orderEnded;
    this.version += 1;
    this.moves.push({ sequence: this.version, from, to: status, cause });
  }

  /** What may still be asked back of a captured payment. */
  get left(): Money {
    return { ...this.amount, amountMinor: this.amount.amountMinor - this.refundRequestedMinor };
  }

  /**
   * Asks back a part of what is left, or all of it.
   * @throws IllegalTransition
   */
  requestRefund(amountMinor: number): void {
    this.apply(amountMinor < this.left.amountMinor ? 'part_refund_requested' : 'refund_requested');
    this.refundRequestedMinor += amountMinor;
  }

  /** What every event about a payment says of it. */
  get facts(): { paymentId: string; orderId: string; customer: Customer; amount: Money } {
    return { paymentId: this.id, orderId: this.orderId, customer: this.customer, amount: this.amount };
  }
}

/**
 * Locks payments until the end of the transaction, always in the order of their ids, so that two batches never wait for each other.
 * @param by what the ids are ids of
 */
export async function lockPayments(manager: EntityManager, by: 'id' | 'order_id', ids: readonly string[]): Promise<LockedPayment[]> {
  const rows: (Omit<LockedPayment, 'customer' | 'amount'> & {
    customerId: string;
    email: string;
    amountMinor: number;
    currency: string;
  })[] = await manager.query(
    `SELECT id, order_id AS "orderId", customer_id AS "customerId", customer_email AS email, status, order_ended AS "orderEnded",
              amount_minor AS "amountMinor", currency, version, refund_requested_minor AS "refundRequestedMinor"
         FROM payments WHERE ${by} = ANY($1::uuid[]) ORDER BY id FOR UPDATE`,
    [ids],
  );
  return rows.map(
    ({ customerId, email, amountMinor, currency, ...payment }) =>
      new LockedPayment({ ...payment, customer: { id: customerId, email }, amount: { amountMinor, currency } }),
  );
}

/**
 * Stores new payments.
 * @throws OpenedMeanwhile when another transaction has opened one for the same order; run again, this transaction finds that one
 */
export async function insertPayments(manager: EntityManager, payments: readonly LockedPayment[]): Promise<void> {
  if (payments.length === 0) return;
  const inOrder = payments.toSorted((a, b) => (a.orderId < b.orderId ? -1 : 1));
  const inserted: unknown[] = await manager.query(
    `WITH opened AS (
       INSERT INTO payments (id, order_id, customer_id, customer_email, status, order_ended, amount_minor, currency, version, opened_at)
       SELECT id, order_id, customer_id, customer_email, status, order_ended, amount_minor, currency, version, now()
         FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::text[], $5::text[], $6::boolean[], $7::bigint[], $8::text[], $9::int[])
           AS payment (id, order_id, customer_id, customer_email, status, order_ended, amount_minor, currency, version)
       ON CONFLICT (order_id) DO NOTHING RETURNING id
     ), history AS (
       INSERT INTO payment_history (payment_id, sequence, from_status, to_status, cause, at)
       SELECT payment_id, sequence, from_status, to_status, cause, clock_timestamp()
         FROM unnest($10::uuid[], $11::int[], $12::text[], $13::text[], $14::text[]) AS move (payment_id, sequence, from_status, to_status, cause)
        WHERE payment_id IN (SELECT id FROM opened)
     )
     SELECT id FROM opened`,
    [
      inOrder.map(({ id }) => id),
      inOrder.map(({ orderId }) => orderId),
      inOrder.map(({ customer }) => customer.id),
      inOrder.map(({ customer }) => customer.email),
      inOrder.map(({ status }) => status),
      inOrder.map(({ orderEnded }) => orderEnded),
      inOrder.map(({ amount }) => amount.amountMinor),
      inOrder.map(({ amount }) => amount.currency),
      inOrder.map(({ version }) => version),
      ...movesOf(inOrder),
    ],
  );
  if (inserted.length < payments.length) throw new OpenedMeanwhile();
}

/** Another transaction won. Bears PostgreSQL's code of a serialisation failure, upon which a transaction is run again at once. */
class OpenedMeanwhile extends Error {
  override readonly name = 'OpenedMeanwhile';
  readonly code = '40001';

  constructor() {
    super('a payment was opened by another transaction meanwhile');
  }
}

/** Writes those that changed, and their history, with one statement. */
export async function updatePayments(manager: EntityManager, payments: Iterable<LockedPayment>): Promise<void> {
  const changed = [...payments].filter(({ moves }) => moves.length > 0);
  if (changed.length === 0) return;
  await manager.query(
    `WITH history AS (
       INSERT INTO payment_history (payment_id, sequence, from_status, to_status, cause, at)
       SELECT payment_id, sequence, from_status, to_status, cause, clock_timestamp()
         FROM unnest($6::uuid[], $7::int[], $8::text[], $9::text[], $10::text[]) AS move (payment_id, sequence, from_status, to_status, cause)
     )
     UPDATE payments
        SET status = changed.status, order_ended = changed.order_ended, version = changed.version,
            refund_requested_minor = changed.refund_requested_minor
       FROM unnest($1::uuid[], $2::text[], $3::boolean[], $4::int[], $5::bigint[]) AS changed (id, status, order_ended, version, refund_requested_minor)
      WHERE payments.id = changed.id`,
    [
      changed.map(({ id }) => id),
      changed.map(({ status }) => status),
      changed.map(({ orderEnded }) => orderEnded),
      changed.map(({ version }) => version),
      changed.map(({ refundRequestedMinor }) => refundRequestedMinor),
      ...movesOf(changed),
    ],
  );
}

/** The columns of what is to be added to the history. */
function movesOf(payments: readonly LockedPayment[]): unknown[][] {
  const moves = payments.flatMap(({ id, moves: ofOne }) => ofOne.map((move) => ({ id, ...move })));
  return [
    moves.map(({ id }) => id),
    moves.map(({ sequence }) => sequence),
    moves.map(({ from }) => from),
    moves.map(({ to }) => to),
    moves.map(({ cause }) => cause),
  ];
}

/** A new try at a payment that has just moved to `authorising`. */
export interface NewAttempt {
  readonly id: string;
  readonly payment: LockedPayment;
  readonly paymentMethod: string;
  readonly causedBy?: Envelope;
}

/** Stores attempts and commands the capture of each. */
export async function startAttempts(tx: Transaction, attempts: readonly NewAttempt[]): Promise<void> {
  if (attempts.length === 0) return;
  await tx.manager.query(
    `INSERT INTO attempts (id, payment_id, payment_method, outcome, at)
     SELECT id, payment_id, payment_method, 'pending', now()
       FROM unnest($1::uuid[], $2::uuid[], $3::text[]) AS attempt (id, payment_id, payment_method)`,
    [attempts.map(({ id }) => id), attempts.map(({ payment }) => payment.id), attempts.map(({ paymentMethod }) => paymentMethod)],
  );
  for (const { id: attemptId, payment, causedBy } of attempts) {
    const { orderId, id: paymentId, version: sequence } = payment;
    tx.publish(CapturePayment, { orderId, paymentId, attemptId }, { subject: orderId, causedBy, sequence });
  }
}
