import type { EntityManager } from 'typeorm';
import type { Money, RefundReason } from '#libs/contracts';
import type { RefundStatus } from './payment.entity.js';

/** What it takes to judge an answer to a refund. Its payment's lock covers it. */
export interface RefundRow {
  readonly id: string;
  readonly paymentId: string;
  readonly amount: Money;
  readonly reason: RefundReason;
  readonly asked: boolean;
  status: RefundStatus;
  pspReference: string | null;
  /** How often the provider left it open. */
  tries: number;
  /** Seconds from now until it is asked for again; null when nobody has to. */
  retryInSeconds: number | null;
}

/** Money that a payment has just been asked for. */
export interface NewRefund extends Pick<RefundRow, 'id' | 'paymentId' | 'amount' | 'reason'> {
  /** An operator's reason in their own words. */
  readonly note?: string;
}

type RefundColumns = Omit<RefundRow, 'amount'> & { amountMinor: number; currency: string };

/** All refunds of some payments, by id. */
export async function refundsOf(manager: EntityManager, paymentIds: readonly string[]): Promise<Map<string, RefundRow>> {
  const rows: RefundColumns[] = await manager.query(
    `SELECT id, payment_id AS "paymentId", amount_minor AS "amountMinor", currency, reason, asked_at IS NOT NULL AS asked, status,
            psp_reference AS "pspReference", tries, extract(epoch FROM retry_at - now())::float8 AS "retryInSeconds"
       FROM refunds WHERE payment_id = ANY($1::uuid[])`,
    [paymentIds],
  );
  return new Map(rows.map(({ amountMinor, currency, ...row }) => [row.id, { ...row, amount: { amountMinor, currency } }]));
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
    `INSERT INTO refunds (id, payment_id, amount_minor, currency, reason, note, status, at)
     SELECT id, payment_id, amount_minor, currency, reason, note, 'pending', now()
       FROM unnest($1::uuid[], $2::uuid[], $3::bigint[], $4::text[], $5::text[], $6::text[])
         AS refund (id, payment_id, amount_minor, currency, reason, note)`,
    [
      refunds.map(({ id }) => id),
      refunds.map(({ paymentId }) => paymentId),
      refunds.map(({ amount }) => amount.amountMinor),
      refunds.map(({ amount }) => amount.currency),
      refunds.map(({ reason }) => reason),
      refunds.map(({ note }) => note ?? null),
    ],
  );
}

/** Notes that the provider is about to be asked for these. */
export async function markRefundsAsked(manager: EntityManager, ids: readonly string[]): Promise<void> {
  if (ids.length === 0) return;
  await manager.query('UPDATE refunds SET asked_at = coalesce(asked_at, now()), retry_at = now() WHERE id = ANY($1::uuid[])', [ids]);
}

export async function updateRefunds(manager: EntityManager, refunds: readonly RefundRow[]): Promise<void> {
  if (refunds.length === 0) return;
  await manager.query(
    `UPDATE refunds
        SET status = judged.status, psp_reference = judged.psp_reference, tries = judged.tries,
            retry_at = now() + judged.retry_in * interval '1 s'
       FROM unnest($1::uuid[], $2::text[], $3::text[], $4::int[], $5::float8[]) AS judged (id, status, psp_reference, tries, retry_in)
      WHERE refunds.id = judged.id`,
    [
      refunds.map(({ id }) => id),
      refunds.map(({ status }) => status),
      refunds.map(({ pspReference }) => pspReference),
      refunds.map(({ tries }) => tries),
      refunds.map(({ retryInSeconds }) => retryInSeconds),
    ],
  );
}
