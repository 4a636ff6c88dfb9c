import qs from 'qs';
import { invalidRequest } from './stripe-error.js';

/**
 * Reads `application/x-www-form-urlencoded` with brackets for what is nested, as Stripe takes it: `metadata[order_id]=7`. All values are
 * texts. Objects have no prototype, so that a parameter by the name of `constructor` is one like any other.
 * @throws StripeError
 */
export function parseForm(text: string): unknown {
  try {
    return qs.parse(text, {
      plainObjects: true,
      depth: 5,
      strictDepth: true,
      parameterLimit: 200,
      throwOnLimitExceeded: true,
      arrayLimit: 20,
    });
  } catch {
    throw invalidRequest('The parameters cannot be read: there are too many of them, or they are nested too deep.');
  }
}
