import type { Reply } from './http-request.js';

/** What the caller gets: an answer, silence until it gives up, or a connection that breaks. */
export type Answer =
  | { readonly kind: 'said'; readonly status: number; readonly body: object; readonly headers?: Readonly<Record<string, string>> }
  | { readonly kind: 'silence' }
  | { readonly kind: 'cut' };

export const said = (body: object, status = 200): Answer => ({ kind: 'said', status, body });

/** Gives an answer, whatever that means. Silence ends when the caller hangs up, or the simulator stops. */
export function give(answer: Answer, reply: Reply): void {
  if (answer.kind === 'said') {
    reply
      .code(answer.status)
      .headers(answer.headers ?? {})
      .send(answer.body);
    return;
  }
  // Fastify forgets the request, and the connection stays as it is.
  reply.hijack();
  if (answer.kind === 'cut') reply.raw.socket?.destroy();
}
