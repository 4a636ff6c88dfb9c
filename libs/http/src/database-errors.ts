interface DatabaseError {
  readonly code?: unknown;
  /** TypeORM's wrapping. */
  readonly driverError?: unknown;
}

/** The SQLSTATE or the system's error code. */
export function databaseCodeOf(error: unknown): string | undefined {
  const { code, driverError } = (error ?? {}) as DatabaseError;
  const found = (driverError as DatabaseError | undefined)?.code ?? code;
  return typeof found === 'string' ? found : undefined;
}

// Connection exceptions, insufficient resources such as too many connections, a server that shuts down, crashed or starts up, and one
// that takes no writes, as after a failover.
const awayStates = /^(08...|53...|57P0[1-3]|25006)$/;
const awayCodes = new Set(['ECONNREFUSED', 'ECONNRESET', 'EPIPE', 'ETIMEDOUT', 'EHOSTUNREACH', 'ENETUNREACH', 'ENOTFOUND', 'EAI_AGAIN']);
// What pg and TypeORM say without a code.
const awayWords = [
  'Connection terminated',
  'Query read timeout',
  'timeout exceeded when trying to connect',
  'Client has encountered a connection error',
  'Client was closed',
  'Cannot use a pool after calling end',
  'Driver not Connected',
];

/** Whether an error says that the database cannot be reached or is going away: nobody's fault, and worth another try later. */
export function databaseIsAway(error: unknown): boolean {
  const code = databaseCodeOf(error);
  if (code !== undefined && (awayStates.test(code) || awayCodes.has(code))) return true;
  if (!(error instanceof Error)) return false;
  // What TypeORM throws at the statement after the one that lost the session.
  if (/^QueryRunner(Provider)?AlreadyReleasedError$/.test(error.name)) return true;
  return awayWords.some((words) => error.message.startsWith(words));
}

// lock_not_available, query_canceled (statement_timeout), idle_in_transaction_session_timeout, deadlock_detected, serialization_failure.
const overloadedStates = new Set(['55P03', '57014', '25P03', '40P01', '40001']);

/** Whether the database is there but could not do the work in time; the same request may well succeed later. */
export function databaseIsBusy(error: unknown): boolean {
  return overloadedStates.has(databaseCodeOf(error) ?? '');
}
