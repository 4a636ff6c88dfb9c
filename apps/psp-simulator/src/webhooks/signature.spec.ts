import { Stripe } from 'stripe';
import { describe, expect, it } from 'vitest';
import { signatureOf, type Signing } from './signature.js';

const body = JSON.stringify({ id: 'evt_1', object: 'event', data: { object: { note: 'Grüße' } } });
const secret = 'whsec_of_specs';

function accepted(signing: Signing, now: Date): boolean {
  try {
    Stripe.webhooks.constructEvent(body, signatureOf(body, secret, now, signing), secret);
    return true;
  } catch {
    return false;
  }
}

describe('the signature of a webhook', () => {
  it('is what the official library expects', () => expect(accepted('genuine', new Date())).toBe(true));

  it('is not what it expects when it is forged or stale', () => {
    expect(accepted('forged', new Date())).toBe(false);
    expect(accepted('stale', new Date())).toBe(false);
  });

  it('is stale for its age alone', () => expect(accepted('stale', new Date(Date.now() + 600_000))).toBe(true));
});
