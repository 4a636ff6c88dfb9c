import { z } from 'zod';
import { Amount, Limit, Metadata } from '../wire/parameters.js';
import { invalidRequest } from '../wire/stripe-error.js';

const Flag = z.enum(['true', 'false']).transform((word) => word === 'true');

/** A payment method is named by a token. Nothing about a card is taken here. */
const PaymentMethodToken = z.string().regex(/^(pm|tok)_[A-Za-z0-9_]{1,60}$/, 'is the token of a payment method');

/** https://docs.stripe.com/api/payment_intents/create */
export const CreateParameters = z.strictObject({
  amount: Amount,
  currency: z
    .string()
    .regex(/^[A-Za-z]{3}$/, 'is an ISO code of three letters')
    .transform((code) => code.toLowerCase()),
  payment_method: PaymentMethodToken.optional(),
  confirm: Flag.default(false),
  automatic_payment_methods: z.strictObject({ enabled: Flag, allow_redirects: z.enum(['always', 'never']).optional() }).optional(),
  metadata: Metadata.default({}),
});

/** https://docs.stripe.com/api/payment_intents/search */
export const SearchParameters = z.strictObject({ query: z.string().max(1000), limit: Limit });

export const NoParameters = z.strictObject({});

/**
 * Reads the one clause of Stripe's search language that we use: `metadata['attempt_id']:'…'`.
 * @throws StripeError
 */
export function metadataSought(query: string): Readonly<Record<string, string>> {
  const [, , name, , value] = /^\s*metadata\[(["'])([A-Za-z0-9_]{1,40})\1\]\s*:\s*(["'])([^"'\\]{1,500})\3\s*$/.exec(query) ?? [];
  if (name === undefined || value === undefined) {
    throw invalidRequest("The query has to be one clause of the form metadata['name']:'value'.", { param: 'query' });
  }
  return { [name]: value };
}
