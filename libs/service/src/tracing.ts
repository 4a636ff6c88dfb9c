import {
  type Attributes,
  type Link,
  ROOT_CONTEXT,
  type SpanContext,
  SpanKind,
  SpanStatusCode,
  trace,
  type Tracer,
} from '@opentelemetry/api';
import { redactText } from './redact-text.js';
import { currentTrace, currentWork, formatTraceparent, readTraceparent, runAs } from './trace-context.js';

/** One piece of work in a trace. */
export interface Span {
  /** What to hand on to whoever works on this further. */
  readonly traceparent: string;
  set(attributes: Attributes): void;
  /** Ends it, as failed when an error is given. Only the first end counts. */
  end(error?: unknown): void;
}

export interface SpanOptions {
  /** `<what> <operation>` in the words of folders and messages: `order.settle-order process`. */
  readonly name: string;
  readonly kind: 'server' | 'client' | 'producer' | 'consumer' | 'internal';
  /** The `traceparent` of the one piece of work that caused this one; without a valid one a new trace begins. */
  readonly parent?: string | undefined;
  /** The `traceparent`s of what else caused it: many messages that are handled as one, or what was said long ago. */
  readonly links?: readonly (string | undefined)[];
  readonly attributes?: Attributes;
}

let tracer: Tracer | undefined;

/** Sets who records spans; undefined: nobody. */
export function recordSpansWith(recorder: Tracer | undefined): void {
  tracer = recorder;
}

/** Whether spans are recorded. To ask first spares whoever does much the composing of options for nothing. */
export function isTracing(): boolean {
  return tracer !== undefined;
}

/** Begins a span; undefined when nobody records them. */
export function startSpan({ name, kind, parent, links, attributes = {} }: SpanOptions): Span | undefined {
  if (!tracer) return undefined;
  const caller = contextOf(parent);
  const span = tracer.startSpan(
    name,
    { kind: SpanKind[kindNames[kind]], attributes, ...(links && { links: links.flatMap(linkTo) }) },
    caller ? trace.setSpanContext(ROOT_CONTEXT, caller) : ROOT_CONTEXT,
  );
  const { traceId, spanId, traceFlags } = span.spanContext();
  let ended = false;
  return {
    traceparent: formatTraceparent({ traceId, spanId, sampled: (traceFlags & 1) === 1 }),
    set: (more) => void span.setAttributes(more),
    end(error) {
      if (ended) return;
      ended = true;
      if (error !== undefined) {
        const { name: type, message } = error instanceof Error ? error : new Error(typeof error === 'string' ? error : 'failed');
        span.setAttribute('error.type', type);
        span.setStatus({ code: SpanStatusCode.ERROR, message: redactText(message) });
      }
      span.end();
    },
  };
}

/** Does work in a span of its own: a part of the current one, unless a parent or none is named. When nobody records spans it only works. */
export async function inSpan<Result>(options: SpanOptions, work: () => Promise<Result>): Promise<Result> {
  if (!tracer) return work();
  const span = startSpan({ parent: currentTrace()?.traceparent, ...options })!;
  try {
    const result = await runAs({ ...currentWork(), traceparent: span.traceparent }, work);
    span.end();
    return result;
  } catch (error) {
    span.end(error);
    throw error;
  }
}

const kindNames = { server: 'SERVER', client: 'CLIENT', producer: 'PRODUCER', consumer: 'CONSUMER', internal: 'INTERNAL' } as const;

function contextOf(traceparent: string | undefined): SpanContext | undefined {
  const known = readTraceparent(traceparent);
  return known && { traceId: known.traceId, spanId: known.spanId, traceFlags: known.sampled ? 1 : 0, isRemote: true };
}

function linkTo(traceparent: string | undefined): Link[] {
  const context = contextOf(traceparent);
  return context ? [{ context }] : [];
}
