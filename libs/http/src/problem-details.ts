import { z } from 'zod';

/** Every problem that an endpoint can answer with, by the last part of its type. A slug, once published, keeps its meaning. */
export const problems = {
  'malformed-json': { status: 400, title: 'The body is not the JSON that is due here' },
  'malformed-request': { status: 400, title: 'The request is not proper HTTP' },
  'idempotency-key-missing': { status: 400, title: 'The header Idempotency-Key is missing' },
  'idempotency-key-invalid': { status: 400, title: 'The header Idempotency-Key is not 1 to 255 visible ASCII characters' },
  'webhook-refused': { status: 400, title: 'The message is not signed by whom it should be, is too old, or is not an event' },
  'invalid-cursor': { status: 400, title: 'The cursor is not one that was given out for this list' },
  unauthenticated: { status: 401, title: 'It is not known who is calling' },
  forbidden: { status: 403, title: 'The caller may not do this' },
  'dead-letter-not-found': { status: 404, title: 'There is no such dead letter' },
  'order-not-found': { status: 404, title: 'There is no such order' },
  'payment-not-found': { status: 404, title: 'There is no such payment' },
  'product-not-found': { status: 404, title: 'There is no such product' },
  'setting-not-found': { status: 404, title: 'There is no such setting' },
  'webhook-delivery-not-found': { status: 404, title: 'There is no such webhook delivery' },
  'webhook-endpoint-not-found': { status: 404, title: 'There is no such webhook endpoint' },
  'route-not-found': { status: 404, title: 'There is no such route' },
  'request-timeout': { status: 408, title: 'The request did not arrive in time' },
  'dead-letter-not-parked': { status: 409, title: 'The dead letter is not parked any more' },
  'dead-letter-not-replayable': { status: 409, title: 'The dead letter cannot be sent to any queue as it is' },
  'order-not-cancellable': { status: 409, title: 'The order can no longer be cancelled' },
  'order-already-paid': { status: 409, title: 'The order is paid already' },
  'order-not-payable': { status: 409, title: 'The order can no longer be paid' },
  'payment-in-progress': { status: 409, title: 'An attempt to pay is under way' },
  'webhook-delivery-pending': { status: 409, title: 'The webhook delivery is under way already' },
  'webhook-endpoint-disabled': { status: 409, title: 'The webhook endpoint is disabled' },
  'idempotency-key-in-use': { status: 409, title: 'A request with this Idempotency-Key is being worked on', retryAfterSeconds: 1 },
  'precondition-failed': { status: 412, title: 'It has changed since it was read' },
  'body-too-large': { status: 413, title: 'The body is larger than 64 KiB' },
  'unsupported-media-type': { status: 415, title: 'The body is not application/json in UTF-8 without a content encoding' },
  validation: { status: 422, title: 'The request has members that are not as they should be' },
  'idempotency-key-reused': { status: 422, title: 'The Idempotency-Key was used with another body' },
  'refund-exceeds-captured': { status: 422, title: 'The refund is more than is left of the payment' },
  'card-number-refused': { status: 422, title: 'Card numbers are not accepted here' },
  'too-many-requests': { status: 429, title: 'Too many requests', retryAfterSeconds: 1 },
  'headers-too-large': { status: 431, title: 'The headers of the request are too large' },
  'internal-error': { status: 500, title: 'Something went wrong on our side' },
  'temporarily-unavailable': { status: 503, title: 'The service cannot answer right now', retryAfterSeconds: 2 },
} as const satisfies Record<string, { status: number; title: string; retryAfterSeconds?: number }>;

export type ProblemSlug = keyof typeof problems;

const FieldErrorView = z
  .object({
    pointer: z.string().meta({ description: 'Where it is: a JSON pointer into the body or the query.', examples: ['#/items/0/quantity'] }),
    code: z.string().meta({ examples: ['too-small'] }),
    message: z.string(),
  })
  .meta({ id: 'FieldError' });

/** One wrong member of a body or a query. */
export type FieldError = Readonly<z.infer<typeof FieldErrorView>>;

/** A problem as the client gets it (RFC 9457). */
export const ProblemView = z
  .object({
    type: z.string().meta({ examples: ['/problems/order-not-found'] }),
    title: z.string(),
    status: z.int(),
    detail: z.string(),
    instance: z.string().meta({ description: 'The path of the request.' }),
    traceId: z.string().meta({ description: 'Names this request in our logs and traces.' }),
    errors: z.array(FieldErrorView).optional().meta({ description: 'All of them at once; with `/problems/validation` alone.' }),
  })
  .meta({ id: 'Problem' });
export type ProblemView = z.infer<typeof ProblemView>;

/** What a request is refused with; thrown anywhere between route and commit. */
export class Problem extends Error {
  override readonly name = 'Problem';

  constructor(
    readonly slug: ProblemSlug,
    detail: string,
    readonly errors?: readonly FieldError[],
    private readonly waitSeconds?: number,
  ) {
    super(detail);
  }

  get status(): number {
    return problems[this.slug].status;
  }

  /** Whole seconds, where trying again makes sense. */
  get retryAfterSeconds(): number | undefined {
    const entry: { readonly status: number; readonly retryAfterSeconds?: number } = problems[this.slug];
    return this.waitSeconds ?? entry.retryAfterSeconds;
  }

  /** The body of the answer. */
  view(instance: string, traceId: string): ProblemView {
    const { status, title } = problems[this.slug];
    return {
      type: `/problems/${this.slug}`,
      title,
      status,
      detail: this.message,
      instance,
      traceId,
      ...(this.errors && { errors: [...this.errors] }),
    };
  }
}

/** A problem to throw. The detail is for the client's developer: no internals and nothing that the client sent. */
export function problem(
  slug: ProblemSlug,
  detail: string,
  extras: { errors?: readonly FieldError[]; retryAfterSeconds?: number } = {},
): Problem {
  return new Problem(slug, detail, extras.errors, extras.retryAfterSeconds);
}
