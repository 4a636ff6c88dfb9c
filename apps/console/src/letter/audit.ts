import type { EntityManager } from 'typeorm';
import { v7 as uuidv7 } from 'uuid';

/** What an operator does, and why. */
export interface OperatorAction {
  readonly operator: string;
  readonly action: 'replay' | 'replay-many' | 'edit-and-replay' | 'discard';
  readonly reason: string;
  /** What it was done to. */
  readonly what: object;
}

/** Puts an action on record, in the transaction that does it. Returns the record's id. */
export async function record(manager: EntityManager, { operator, action, reason, what }: OperatorAction): Promise<string> {
  const id = uuidv7();
  await manager.query('INSERT INTO audit (id, operator, action, reason, what) VALUES ($1, $2, $3, $4, $5)', [
    id,
    operator,
    action,
    reason,
    JSON.stringify(what),
  ]);
  return id;
}
