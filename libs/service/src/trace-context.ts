import { AsyncLocalStorage } from 'node:async_hooks';
import { randomUUID } from 'node:crypto';

/** The W3C trace that work belongs to. */
export interface Trace {
  /** 32 hex digits. */
  readonly traceId: string;
  /** 16 hex digits. */
  readonly spanId: string;
  /** What to hand on to whoever works on this further. */
  readonly traceparent: string;
}

/** What is known of the work that is being done. It stands in every line that is logged meanwhile. */
export interface Work {
  readonly traceparent?: string | undefined;
  readonly orderId?: string | undefined;
  readonly messageId?: string | undefined;
}

const works = new AsyncLocalStorage<Work>();

/** The work that is being done, if it runs inside {@link runAs}. */
export function currentWork(): Work | undefined {
  return works.getStore();
}

/** The trace of the work that is being done, if it has one. */
export function currentTrace(): Trace | undefined {
  return readTraceparent(works.getStore()?.traceparent);
}

/** Does something as a part of this work, and of no other. */
export function runAs<Result>(work: Work, act: () => Result): Result {
  return works.run(work, act);
}

/** Does work in the trace that a `traceparent` names; in a new one when there is none or it is not valid. */
export function runInTrace<Result>(traceparent: string | undefined, act: () => Result, about: Omit<Work, 'traceparent'> = {}): Result {
  return works.run({ ...about, traceparent: continueTrace(traceparent) }, act);
}

/** What a `traceparent` says; undefined when it is not valid. */
export function readTraceparent(traceparent: string | undefined): (Trace & { readonly sampled: boolean }) | undefined {
  if (traceparent === undefined) return undefined;
  const [known, traceId, spanId, flags] = shape.exec(traceparent) ?? [];
  if (!known || !traceId || !spanId || !flags) return undefined;
  // Version 00 ends there; a later version may go on after a dash.
  const rest = traceparent.slice(known.length);
  if (rest !== '' && (known.startsWith('00') || !rest.startsWith('-'))) return undefined;
  return { traceId, spanId, traceparent, sampled: (Number.parseInt(flags, 16) & 1) === 1 };
}

const shape = /^(?!ff)[0-9a-f]{2}-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-([0-9a-f]{2})/;

function continueTrace(traceparent: string | undefined): string {
  const known = readTraceparent(traceparent);
  return formatTraceparent({ traceId: known?.traceId ?? randomHex(32), spanId: randomHex(16), sampled: known?.sampled ?? true });
}

/** The `traceparent` that names a step of a trace. */
export function formatTraceparent({ traceId, spanId, sampled }: Omit<Trace, 'traceparent'> & { readonly sampled: boolean }): string {
  return `00-${traceId}-${spanId}-${sampled ? '01' : '00'}`;
}

/** Up to 32 digits. By way of UUIDs, because Node draws their randomness many at a time. */
function randomHex(digits: number): string {
  return randomUUID().replaceAll('-', '').slice(-digits);
}
