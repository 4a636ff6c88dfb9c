/** What one try came to: the status of the answer, or in one word why there was none. */
export interface TryResult {
  readonly at: Date;
  readonly durationMs: number;
  readonly answerStatus?: number;
  readonly error?: TryError;
}

/** `unreadable-secret`: it was stored with another `WEBHOOK_SECRETS_KEY`. */
export type TryError =
  | 'timeout'
  | 'url-refused'
  | 'name-not-found'
  | 'address-refused'
  | 'connection-refused'
  | 'connection-failed'
  | 'tls-failed'
  | 'unreadable-secret';

/** What becomes of a delivery after a try. */
export type NextStep =
  | { readonly kind: 'delivered' }
  | { readonly kind: 'retry'; readonly afterSeconds: number }
  /** `gone`: the endpoint wants nothing any more. */
  | { readonly kind: 'failed'; readonly gone: boolean };

/**
 * Decides from a try and from how many were made before it since the delivery began. Only 2xx is an acceptance: a redirect is not followed,
 * and even a 400 may be a mistake that is repaired in an hour. 410 says that nobody wants it, now or ever.
 */
export function nextStep({ answerStatus = 0 }: TryResult, rung: number, delaysSeconds: readonly number[]): NextStep {
  if (answerStatus >= 200 && answerStatus < 300) return { kind: 'delivered' };
  if (answerStatus === 410) return { kind: 'failed', gone: true };
  const afterSeconds = delaysSeconds[rung];
  return afterSeconds === undefined ? { kind: 'failed', gone: false } : { kind: 'retry', afterSeconds };
}
