import { z } from 'zod';
import { cardNumberWithin } from '#libs/http';
import { invalidRequest, type StripeError } from './stripe-error.js';

/** Up to 50 texts by names of the caller's choice. https://docs.stripe.com/api/metadata */
export const Metadata = z
  .record(z.string().min(1).max(40), z.string().max(500))
  .refine((metadata) => Object.keys(metadata).length <= 50, 'takes up to 50 keys');

/** A positive whole number of minor units, of at most eight digits. https://docs.stripe.com/currencies#minimum-and-maximum-charge-amounts */
export const Amount = z
  .string()
  .regex(/^[1-9]\d{0,15}$/, 'is a positive whole number')
  .transform(Number)
  .pipe(z.number().max(99_999_999, 'is at most 99999999'));

/** How many of a list; Stripe's limits. */
export const Limit = z
  .string()
  .regex(/^([1-9]\d?|100)$/, 'is a whole number from 1 to 100')
  .transform(Number)
  .default(10);

/**
 * Reads parameters strictly: an unknown one is refused, as Stripe does, and so is a card's number, wherever it stands.
 * @throws StripeError that repeats no value
 */
export function readParameters<Schema extends z.ZodType>(schema: Schema, given: unknown): z.output<Schema> {
  const { success, data, error } = schema.safeParse(given ?? {});
  const [issue] = error?.issues ?? [];
  if (issue) throw refusalOf(issue);
  if (cardNumberWithin(given)) {
    throw invalidRequest('What looks like the number of a card is taken nowhere: send a payment method.', { code: 'parameter_invalid' });
  }
  if (!success) throw new Error('parameters were refused without a reason');
  return data;
}

function refusalOf(issue: z.core.$ZodIssue): StripeError {
  const param = parameterName(issue.path);
  if (issue.code === 'unrecognized_keys') {
    const unknown = parameterName([...issue.path, issue.keys[0] ?? '']);
    return invalidRequest(`Received unknown parameter: ${unknown}`, { code: 'parameter_unknown', param: unknown });
  }
  if (issue.code === 'invalid_type' && issue.message.endsWith('received undefined')) {
    return invalidRequest(`Missing required param: ${param}.`, { code: 'parameter_missing', param });
  }
  if (issue.code === 'too_big' && param === 'amount')
    return invalidRequest(`Invalid ${param}: ${issue.message}`, { code: 'amount_too_large', param });
  return invalidRequest(`Invalid ${param}: ${issue.message}`, { code: 'parameter_invalid', param });
}

/** A path as Stripe writes it: `metadata[order_id]`. What nobody would call a parameter is not repeated. */
function parameterName(path: readonly PropertyKey[]): string {
  const [first = '', ...rest] = path.map((part) => (/^[A-Za-z_]{1,40}$/.test(String(part)) ? String(part) : '(unreadable)'));
  return first + rest.map((part) => `[${part}]`).join('');
}
