import { databaseCodeOf, databaseIsAway } from '#libs/http';

/** Thrown by a handler that knows that trying again cannot help: the message becomes a dead letter at once. */
export class PermanentFailure extends Error {
  override readonly name = 'PermanentFailure';
}

/**
 * Thrown when what a handler depends on is away: nobody's fault, so the consumer waits and no attempt is used up. Readiness shows the
 * message, so it names no hosts and no accounts.
 */
export class DependencyAway extends Error {
  override readonly name = 'DependencyAway';
  /** How long it asked to be left alone, in milliseconds. */
  readonly retryAfterMs: number;

  constructor(message: string, options: ErrorOptions & { retryAfterMs?: number } = {}) {
    super(message, options);
    this.retryAfterMs = options.retryAfterMs ?? 0;
  }
}

/** Thrown when somebody else is doing the very same: looked at again after a pause, however often, and no attempt is used up. */
export class UnderWayElsewhere extends Error {
  override readonly name = 'UnderWayElsewhere';
}

const lookAgainAfterSeconds = 5;

/** What becomes of a message that failed alone. */
export type Verdict =
  /** `attempt`: which one the next try counts as. */
  | { readonly kind: 'retry'; readonly afterSeconds: number; readonly attempt: number }
  /** `reason` is shown to anybody who asks how the service is. */
  | { readonly kind: 'pause'; readonly atLeastMs: number; readonly reason: string }
  | { readonly kind: 'dead'; readonly reason: 'permanent' | 'attempts-exhausted' };

/** Decides from the error and from how many tries there were (1 for the first) what becomes of a message. */
export function judge(error: unknown, attempt: number, retryDelaysSeconds: readonly number[]): Verdict {
  if (error instanceof PermanentFailure) return { kind: 'dead', reason: 'permanent' };
  if (error instanceof DependencyAway) return { kind: 'pause', atLeastMs: error.retryAfterMs, reason: error.message };
  if (databaseIsAway(error)) return { kind: 'pause', atLeastMs: 0, reason: 'the database is away' };
  if (lockedOut.has(databaseCodeOf(error) ?? '')) return { kind: 'pause', atLeastMs: 0, reason: 'what it needs is locked in the database' };
  if (error instanceof UnderWayElsewhere) return { kind: 'retry', afterSeconds: lookAgainAfterSeconds, attempt };
  const afterSeconds = retryDelaysSeconds[attempt - 1];
  if (afterSeconds === undefined) return { kind: 'dead', reason: 'attempts-exhausted' };
  return { kind: 'retry', afterSeconds, attempt: attempt + 1 };
}

/** lock_not_available and idle_in_transaction_session_timeout: somebody holds what is needed, and lets go of it sooner or later. */
const lockedOut = new Set(['55P03', '25P03']);

/** Thrown in a transaction that somebody else was quicker than, which only we can tell: nothing of it stays, and it is run again. */
export class Overtaken extends Error {
  override readonly name = 'Overtaken';
}

/** PostgreSQL's deadlock_detected and serialization_failure: the same transaction may well succeed when it is run again at once. */
const conflicts = new Set(['40P01', '40001']);

/** Whether a transaction lost against another and should simply be run again. */
export function isConflict(error: unknown): boolean {
  return error instanceof Overtaken || conflicts.has(databaseCodeOf(error) ?? '');
}
