import { describe, expect, it } from 'vitest';
import { decide } from './attempts.js';

const asked = { amountMinor: 2598, currency: 'EUR' };

describe("what the provider's answer to an attempt means", () => {
  it('takes a capture of exactly what was asked for as captured', () => {
    expect(decide(asked, { outcome: 'captured', reference: 'pi_1', amount: { ...asked } })).toEqual({
      happening: 'captured',
      outcome: 'captured',
      declineCode: null,
      pspReference: 'pi_1',
    });
  });

  it('keeps the reason of a decline', () => {
    expect(decide(asked, { outcome: 'declined', declineCode: 'insufficient_funds' })).toMatchObject({
      happening: 'declined',
      outcome: 'declined',
      declineCode: 'insufficient_funds',
    });
  });

  it.each([
    { amountMinor: 2597, currency: 'EUR' },
    { amountMinor: 2599, currency: 'EUR' },
    { amountMinor: 2598, currency: 'USD' },
  ])('never takes a capture of $amountMinor $currency for the 2598 EUR that were asked for', (amount) => {
    expect(decide(asked, { outcome: 'captured', reference: 'pi_1', amount })).toMatchObject({
      happening: 'contradicted',
      outcome: 'unknown',
      pspReference: 'pi_1',
    });
  });
});
