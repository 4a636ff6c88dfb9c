import { AsyncLocalStorage } from 'node:async_hooks';
import { randomUUID } from 'node:crypto';

/** The W3C trace that work belongs to. */
export interface Trace {
  /** 32 hex digits. */
  readonly traceId: string;
  /** What to hand on to whoever works on this further. */
  readonly traceparent: string;
}

const traces = new AsyncLocalStorage<Trace>();

/** The trace of the work that is being done, if it runs inside {@link runInTrace}. */
export function currentTrace(): Trace | undefined {
  return traces.getStore();
}

/** Does work in the trace that a `traceparent` names; in a new one when there is none or it is not valid. */
export function runInTrace<Result>(traceparent: string | undefined, work: () => Result): Result {
  return traces.run(continueTrace(traceparent), work);
}

/** What libs/http takes to run each request in its trace. */
export const requestTrace = { run: runInTrace, id: () => currentTrace()?.traceId };

const shape = /^(?!ff)[0-9a-f]{2}-(?!0{32})([0-9a-f]{32})-(?!0{16})[0-9a-f]{16}-([0-9a-f]{2})/;

function continueTrace(traceparent: string | undefined): Trace {
  const [known, traceId = randomHex(32), flags = '01'] = shape.exec(traceparent ?? '') ?? [];
  // Version 00 ends there; a later version may go on after a dash.
  const rest = traceparent?.slice(known?.length ?? 0) ?? '';
  if (known && rest !== '' && (known.startsWith('00') || !rest.startsWith('-'))) return continueTrace(undefined);
  return { traceId, traceparent: `00-${traceId}-${randomHex(16)}-${flags}` };
}

/** Up to 32 digits. By way of UUIDs, because Node draws their randomness many at a time. */
function randomHex(digits: number): string {
  return randomUUID().replaceAll('-', '').slice(-digits);
}
