/** A part of the system could not be asked, so nothing can be said of it. */
export class Unreachable extends Error {
  override readonly name = 'Unreachable';

  /** @param what for people, for example `the database of order` */
  constructor(what: string, cause: unknown) {
    super(`${what} cannot be reached: ${reasonOf(cause)}`, { cause });
  }
}

/** A refused connection to a name with two addresses is an AggregateError without words; a failed fetch hides its reason in its cause. */
function reasonOf(error: unknown): string {
  if (error instanceof AggregateError) return error.errors.map(reasonOf).join(', ');
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? reasonOf(error.cause) : error.message;
}
