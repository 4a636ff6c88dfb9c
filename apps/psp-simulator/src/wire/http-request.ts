import type { IncomingHttpHeaders, ServerResponse } from 'node:http';

/** The parts of Fastify's request that we use. */
export interface HttpRequest {
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: unknown;
}

/** The parts of Fastify's reply that we use. */
export interface Reply {
  readonly raw: ServerResponse;
  readonly sent: boolean;
  code(status: number): Reply;
  header(name: string, value: string): Reply;
  headers(values: Readonly<Record<string, string>>): Reply;
  getHeader(name: string): unknown;
  /** From now on Fastify leaves the connection alone. */
  hijack(): void;
  send(body: object): void;
}
