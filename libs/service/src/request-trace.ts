import { currentTrace, runAs, runInTrace } from './trace-context.js';
import { isTracing, startSpan } from './tracing.js';

/** A request as its span tells of it. */
interface TracedRequest {
  readonly traceparent: string | undefined;
  readonly method: string;
  /** The pattern of its route; undefined where there is none. */
  readonly route: string | undefined;
  /** The order that its path names, or something else in that place. */
  readonly orderId: string | undefined;
}

/** What operators and their tools look at all day says nothing of anybody's order. */
const untraced = /^\/(health\/|metrics$|docs)/;

const uuid = /^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/i;

/** What libs/http takes to run each request in its trace. */
export const requestTrace = {
  /** Runs a request in the trace of its `traceparent`, or in a new one. What `work` is given ends its span. */
  run(request: TracedRequest, work: (answered?: (status: number) => void) => void): void {
    const { traceparent, method, route } = request;
    const orderId = request.orderId !== undefined && uuid.test(request.orderId) ? request.orderId : undefined;
    if (!isTracing() || untraced.test(route ?? '')) return runInTrace(traceparent, work, { orderId });
    const span = startSpan({
      name: route === undefined ? method : `${method} ${route}`,
      kind: 'server',
      parent: traceparent,
      attributes: {
        'http.request.method': method,
        ...(route !== undefined && { 'http.route': route }),
        ...(orderId !== undefined && { 'orderly.order.id': orderId }),
      },
    })!;
    runAs({ traceparent: span.traceparent, orderId }, () =>
      work((status) => {
        span.set({ 'http.response.status_code': status });
        span.end(status >= 500 ? new Error(`answered ${status}`) : undefined);
      }),
    );
  },
  id: () => currentTrace()?.traceId,
};
