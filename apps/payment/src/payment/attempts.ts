import type { EntityManager } from 'typeorm';
import type { AttemptOutcome } from './payment.entity.js';

/** What it takes to judge an answer to an attempt. Its payment's lock covers it. */
export interface AttemptRow {
  readonly id: string;
  readonly paymentId: string;
  readonly paymentMethod: string;
  /** When the provider was first asked; null while it certainly has not heard of this attempt. */
  readonly askedAt: Date | null;
  outcome: AttemptOutcome;
  declineCode: string | null;
  pspReference: string | null;
  /** How often its outcome was looked for, or is going to be. */
  lookups: number;
  /** Seconds from now until its outcome is looked for; null when nobody has to, or somebody is about to. */
  lookAgainInSeconds: number | null;
}

/** Whether the provider may have captured it without our knowing. */
export function isUnsettled({ outcome }: Pick<AttemptRow, 'outcome'>): boolean {
  return outcome === 'pending' || outcome === 'unknown';
}

export async function attemptsById(manager: EntityManager, ids: readonly string[]): Promise<Map<string, AttemptRow>> {
  const rows: AttemptRow[] = await manager.query(
    `SELECT id, payment_id AS "paymentId", payment_method AS "paymentMethod", asked_at AS "askedAt", outcome,
            decline_code AS "declineCode", psp_reference AS "pspReference", lookups,
            extract(epoch FROM reconcile_at - now())::float8 AS "lookAgainInSeconds"
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
    `UPDATE attempts
        SET outcome = judged.outcome, decline_code = judged.decline_code, psp_reference = judged.psp_reference, lookups = judged.lookups,
            reconcile_at = now() + judged.look_again_in * interval '1 s'
       FROM unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::int[], $6::float8[])
         AS judged (id, outcome, decline_code, psp_reference, lookups, look_again_in)
      WHERE attempts.id = judged.id`,
    [
      attempts.map(({ id }) => id),
      attempts.map(({ outcome }) => outcome),
      attempts.map(({ declineCode }) => declineCode),
      attempts.map(({ pspReference }) => pspReference),
      attempts.map(({ lookups }) => lookups),
      attempts.map(({ lookAgainInSeconds }) => lookAgainInSeconds),
    ],
  );
}
