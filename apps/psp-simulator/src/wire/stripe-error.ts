/** The members of Stripe's error object that we use. https://docs.stripe.com/api/errors */
export interface ErrorObject {
  readonly type: 'api_error' | 'card_error' | 'idempotency_error' | 'invalid_request_error';
  readonly code?: string;
  readonly message: string;
  readonly param?: string;
  readonly decline_code?: string;
  readonly payment_intent?: object;
}

/** An answer that refuses, in Stripe's shape. */
export class StripeError extends Error {
  override readonly name = 'StripeError';

  constructor(
    readonly status: number,
    readonly error: ErrorObject,
    readonly headers: Readonly<Record<string, string>> = {},
  ) {
    super(error.message);
  }
}

export function invalidRequest(message: string, details: { code?: string; param?: string } = {}): StripeError {
  return new StripeError(400, { type: 'invalid_request_error', message, ...details });
}

/** Nothing has this name. The name is not repeated: it may be a card's number. */
export function resourceMissing(what: string, param: string, status: 400 | 404 = 404): StripeError {
  return new StripeError(status, { type: 'invalid_request_error', code: 'resource_missing', message: `No such ${what}`, param });
}

export const tooManyRequests = (): StripeError =>
  new StripeError(
    429,
    { type: 'invalid_request_error', code: 'rate_limit', message: 'Too many requests. Try again later.' },
    { 'Retry-After': '1' },
  );

export const unrecognizedUrl = (): StripeError =>
  new StripeError(404, { type: 'invalid_request_error', message: 'Unrecognized request URL. Look at the path and the method.' });
