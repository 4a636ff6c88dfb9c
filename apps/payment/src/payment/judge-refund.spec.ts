import { describe, expect, it } from 'vitest';
import type { RefundAnswer } from '../psp/psp.js';
import { judgeRefund } from './judge-refund.js';
import type { RefundRow } from './refunds.js';

const amount = { amountMinor: 500, currency: 'EUR' };
const refund: RefundRow = {
  id: 'r1',
  paymentId: 'p1',
  amount,
  reason: 'operator',
  asked: true,
  status: 'pending',
  pspReference: null,
  tries: 0,
  retryInSeconds: null,
};
const refunded = { outcome: 'refunded', reference: 're_1', amount, captureReference: 'pi_1', ourReference: 'r1' } as const;

describe('what the provider says of a refund', () => {
  it.each(['captured', 'refunding'] as const)('settles it when it is what was asked for, of a payment that is %s', (status) => {
    expect(judgeRefund(status, refund, 'pi_1', refunded)).toEqual({ kind: 'settled', reference: 're_1' });
  });

  it.each<[string, RefundAnswer]>([
    ['another amount', { ...refunded, amount: { amountMinor: 501, currency: 'EUR' } }],
    ['another currency', { ...refunded, amount: { amountMinor: 500, currency: 'USD' } }],
    ['another capture', { ...refunded, captureReference: 'pi_2' }],
    ['another refund', { ...refunded, ourReference: 'r2' }],
    ['a refusal', { outcome: 'refused', code: 'charge_already_refunded' }],
  ])('is for a person when it is %s', (_, answer) => {
    expect(judgeRefund('refunding', refund, 'pi_1', answer)).toEqual({ kind: 'contradicted' });
  });

  it('leaves it open when it is no answer, or not yet one', () => {
    const known = { ...refund, pspReference: 're_1' };
    expect(judgeRefund('refunding', known, 'pi_1', { outcome: 'unknown', why: 'timeout' })).toEqual({ kind: 'open', reference: 're_1' });
    expect(judgeRefund('refunding', refund, 'pi_1', { outcome: 'processing', reference: 're_1' })).toEqual({
      kind: 'open',
      reference: 're_1',
    });
  });

  it('is for a person when it had succeeded and comes back', () => {
    const known: RefundRow = { ...refund, status: 'succeeded', pspReference: 're_1' };
    expect(judgeRefund('refunded', known, 'pi_1', { outcome: 'refused', code: 'expired_or_canceled_card' })).toEqual({
      kind: 'contradicted',
    });
  });

  it('tells nothing new of one that has succeeded, or of a payment that a person is looking into', () => {
    expect(judgeRefund('refunded', { ...refund, status: 'succeeded' }, 'pi_1', refunded)).toEqual({ kind: 'too_late' });
    expect(judgeRefund('review', refund, 'pi_1', refunded)).toEqual({ kind: 'too_late' });
  });
});
