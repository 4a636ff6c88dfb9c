import { createHash, randomUUID } from 'node:crypto';
import type { HttpRequest, Reply } from '../wire/http-request.js';
import { cardNumberWithin } from '#libs/http';
import { invalidRequest } from '../wire/stripe-error.js';

/** A question that changes something, by the key under which its result is kept. */
export interface Question {
  readonly key: string;
  /** Tells it from another question under the same key: a digest of the path and all parameters, so nothing that was sent is kept. */
  readonly asked: string;
  readonly requestId: string;
}

/**
 * Reads the `Idempotency-Key` of a request; one without is a question of its own.
 * @throws StripeError
 */
export function questionOf({ url, headers, body }: HttpRequest, reply: Reply): Question {
  const key = headers['idempotency-key'];
  if (key !== undefined && (typeof key !== 'string' || key.length < 1 || key.length > 255 || cardNumberWithin(key))) {
    throw invalidRequest('The Idempotency-Key has to be a text of 1 to 255 characters, and no card number.');
  }
  const [path] = url.split('?');
  const asked = createHash('sha256')
    .update(JSON.stringify([path, inOrder(body ?? {})]))
    .digest('hex');
  return { key: key ?? randomUUID(), asked, requestId: String(reply.getHeader('Request-Id')) };
}

/** Members sorted by name: the order in which parameters are sent means nothing. */
function inOrder(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(inOrder);
  return Object.entries(value)
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, member]) => [name, inOrder(member)]);
}
