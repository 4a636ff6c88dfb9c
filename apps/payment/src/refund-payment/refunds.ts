import type { EntityManager } from 'typeorm';
import type { RefundReason } from '#libs/contracts';
import type { RefundStatus } from '../payment/payment.entity.js';
import type { LockedPayment } from '../payment/payments.js';

/** A refund that a payment has just been asked for: all of it. */
export interface NewRefund {
  readonly id: string;
  readonly payment: LockedPayment;
  readonly reason: RefundReason;
}

export async function refundsById(manager: EntityManager, ids: readonly string[]): Promise<Map<string, { status: RefundStatus }>> {
  const rows: { id: string; status: RefundStatus }[] = await manager.query('SELECT id, status FROM refunds WHERE id = ANY($1::uuid[])', [
    ids,
  ]);
  return new Map(rows.map(({ id, status }) => [id, { status }]));
}

/** The provider's reference of what was captured, by payment. */
export async function capturesOf(manager: EntityManager, paymentIds: readonly string[]): Promise<Map<string, string>> {
  const rows: { paymentId: string; reference: string }[] = await manager.query(
    `SELECT payment_id AS "paymentId", psp_reference AS reference FROM attempts WHERE payment_id = ANY($1::uuid[]) AND outcome = 'captured'`,
    [paymentIds],
  );
  return new Map(rows.map(({ paymentId, reference }) => [paymentId, reference]));
}

export async function insertRefunds(manager: EntityManager, refunds: readonly NewRefund[]): Promise<void> {
  if (refunds.length === 0) return;
  await manager.query(
    `INSERT INTO refunds (id, payment_id, amount_minor, currency, reason, status, at)
     SELECT id, payment_id, amount_minor, currency, reason, 'pending', now()
       FROM unnest($1::uuid[], $2::uuid[], $3::bigint[], $4::text[], $5::text[]) AS refund (id, payment_id, amount_minor, currency, reason)`,
    [
      refunds.map(({ id }) => id),
      refunds.map(({ payment }) => payment.id),
      refunds.map(({ payment }) => payment.amount.amountMinor),
      refunds.map(({ payment }) => payment.amount.currency),
      refunds.map(({ reason }) => reason),
    ],
  );
}

export async function settleRefunds(manager: EntityManager, refunds: readonly { id: string; pspReference: string }[]): Promise<void> {
  if (refunds.length === 0) return;
  await manager.query(
    `UPDATE refunds SET status = 'succeeded', psp_reference = settled.psp_reference
       FROM unnest($1::uuid[], $2::text[]) AS settled (id, psp_reference) WHERE refunds.id = settled.id`,
    [refunds.map(({ id }) => id), refunds.map(({ pspReference }) => pspReference)],
  );
}
