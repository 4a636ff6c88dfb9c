import type { IncomingHttpHeaders, ServerResponse } from 'node:http';
import type { Caller } from './caller.js';

/** The parts of Fastify's request that we use, and what the steps of a request leave on it for the next. */
export interface HttpRequest {
  readonly method: string;
  /** As it was sent, with the query. */
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  /** Of the client; behind proxies that are trusted, as they tell it. */
  readonly ip: string;
  readonly is404: boolean;
  readonly params?: Readonly<Record<string, string>>;
  /** The pattern of the route; undefined where there is none. */
  readonly routeOptions: { readonly url?: string; readonly config?: { readonly rawBody?: boolean } };
  body: unknown;
  query: unknown;
  /** 32 hex digits. */
  traceId: string;
  /** Wants to know the status of the answer. */
  answered?: ((status: number) => void) | undefined;
  caller?: Caller;
  /** The body before validation filled in defaults: what the client meant by its Idempotency-Key. */
  bodyAsSent?: unknown;
}

/** The parts of Fastify's reply that we use. */
export interface Reply {
  readonly sent: boolean;
  readonly raw: ServerResponse;
  readonly statusCode: number;
  /** Milliseconds since the request came. */
  readonly elapsedTime: number;
  code(status: number): Reply;
  header(name: string, value: string): Reply;
  send(body: string): void;
}

/** The path of a request as it was sent, without the query. */
export function pathOf(request: Pick<HttpRequest, 'url'>): string {
  const end = request.url.search(/[?#]/);
  return end < 0 ? request.url : request.url.slice(0, end);
}
