import { setTimeout as sleep } from 'node:timers/promises';

/**
 * Repeats `attempt` until it stops throwing, and gives back what it returned.
 * @param options.within milliseconds; 5000 if left out
 * @param options.every milliseconds between two attempts; 25 if left out
 * @throws what the last attempt threw, with the time waited added to its message
 */
export async function eventually<T>(attempt: () => T | Promise<T>, options: { within?: number; every?: number } = {}): Promise<T> {
  const { within = 5000, every = 25 } = options;
  const deadline = Date.now() + within;
  const unanswered = Symbol('unanswered');
  let lastError: unknown;
  for (let attempts = 1; ; attempts++) {
    const outOfTime = new AbortController();
    try {
      const result = await Promise.race([
        attempt(),
        sleep(Math.max(deadline - Date.now(), 1), unanswered, { signal: outOfTime.signal }).catch(() => unanswered),
      ]);
      if (result !== unanswered) return result as T;
      lastError ??= new Error('the first attempt has not returned');
    } catch (error) {
      lastError = error;
    } finally {
      outOfTime.abort();
    }
    if (Date.now() + every > deadline) throw withTimeWaited(lastError, `still so after ${within} ms and ${attempts} attempts`);
    await sleep(every);
  }
}

/** The same error object, because an assertion carries the two sides that the test runner compares. */
function withTimeWaited(error: unknown, note: string): unknown {
  if (!(error instanceof Error)) return new Error(`${String(error)} (${note})`);
  error.message = `${error.message} (${note})`;
  return error;
}
