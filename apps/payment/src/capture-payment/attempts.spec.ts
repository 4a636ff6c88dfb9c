import { describe, expect, it } from 'vitest';
import { readAnswer } from './attempts.js';

const asked = { amountMinor: 2598, currency: 'EUR' };

describe("what the provider's answer to an attempt means", () => {
  it('takes a capture of exactly what was asked for as captured', () => {
    expect(readAnswer(asked, { outcome: 'captured', reference: 'pi_1', amount: { ...asked } })).toEqual({
      cause: 'captured',
      outcome: 'captured',
      declineCode: null,
      pspReference: 'pi_1',
    });
  });

  it('keeps the reason of a decline', () => {
    expect(readAnswer(asked, { outcome: 'declined', declineCode: 'insufficient_funds' })).toMatchObject({
      cause: 'declined',
      outcome: 'declined',
      declineCode: 'insufficient_funds',
    });
  });

  it.each([
    { amountMinor: 2597, currency: 'EUR' },
    { amountMinor: 2599, currency: 'EUR' },
    { amountMinor: 2598, currency: 'USD' },
  ])('never takes a capture of $amountMinor $currency for the 2598 EUR that were asked for', (amount) => {
    expect(readAnswer(asked, { outcome: 'captured', reference: 'pi_1', amount })).toMatchObject({
      cause: 'contradicted',
      outcome: 'unknown',
      pspReference: 'pi_1',
    });
  });
});
