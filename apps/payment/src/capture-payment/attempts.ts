import type { EntityManager } from 'typeorm';
import type { Money } from '#libs/contracts';
import type { AttemptOutcome } from '../payment/payment.entity.js';
import type { Cause } from '../payment/payment-state.js';
import type { CaptureAnswer } from '../psp/psp.js';

/** What a capture needs to know of an attempt. Its payment's lock covers it. */
export interface AttemptRow {
  readonly id: string;
  readonly paymentMethod: string;
  readonly asked: boolean;
  outcome: AttemptOutcome;
  declineCode: string | null;
  pspReference: string | null;
}

/** What the provider's answer to an attempt means. */
export interface Outcome extends Pick<AttemptRow, 'outcome' | 'declineCode' | 'pspReference'> {
  readonly cause: Extract<Cause, 'captured' | 'declined' | 'contradicted'>;
}

/** A capture of another amount than the one we asked for is not a capture that we may tell anybody of. */
export function readAnswer(asked: Money, answer: CaptureAnswer): Outcome {
  if (answer.outcome === 'declined') {
    return { cause: 'declined', outcome: 'declined', declineCode: answer.declineCode, pspReference: null };
  }
  const { reference: pspReference, amount } = answer;
  const agreed = amount.amountMinor === asked.amountMinor && amount.currency === asked.currency;
  return agreed
    ? { cause: 'captured', outcome: 'captured', declineCode: null, pspReference }
    : { cause: 'contradicted', outcome: 'unknown', declineCode: null, pspReference };
}

export async function attemptsById(manager: EntityManager, ids: readonly string[]): Promise<Map<string, AttemptRow>> {
  const rows: AttemptRow[] = await manager.query(
    `SELECT id, payment_method AS "paymentMethod", asked_at IS NOT NULL AS asked, outcome,
            decline_code AS "declineCode", psp_reference AS "pspReference"
       FROM attempts WHERE id = ANY($1::uuid[])`,
    [ids],
  );
  return new Map(rows.map((row) => [row.id, row]));
}

/** Notes that the provider is about to be asked. If it was asked before, that question had no answer we know of. */
export async function markAsked(manager: EntityManager, ids: readonly string[]): Promise<void> {
  if (ids.length === 0) return;
  await manager.query(
    `UPDATE attempts SET outcome = CASE WHEN asked_at IS NULL THEN 'pending' ELSE 'unknown' END, asked_at = coalesce(asked_at, now())
      WHERE id = ANY($1::uuid[])`,
    [ids],
  );
}

export async function updateAttempts(manager: EntityManager, attempts: readonly AttemptRow[]): Promise<void> {
  if (attempts.length === 0) return;
  await manager.query(
    `UPDATE attempts SET outcome = decided.outcome, decline_code = decided.decline_code, psp_reference = decided.psp_reference
       FROM unnest($1::uuid[], $2::text[], $3::text[], $4::text[]) AS decided (id, outcome, decline_code, psp_reference)
      WHERE attempts.id = decided.id`,
    [
      attempts.map(({ id }) => id),
      attempts.map(({ outcome }) => outcome),
      attempts.map(({ declineCode }) => declineCode),
      attempts.map(({ pspReference }) => pspReference),
    ],
  );
}
