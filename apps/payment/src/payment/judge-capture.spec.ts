import { describe, expect, it } from 'vitest';
import type { CaptureAnswer } from '../psp/psp.js';
import type { AttemptRow } from './attempts.js';
import { judgeCapture } from './judge-capture.js';
import { paymentStatuses, type PaymentStatus } from './payment-state.js';

const amount = { amountMinor: 2598, currency: 'EUR' };
const attempt: AttemptRow = {
  id: 'a1',
  paymentId: 'p1',
  paymentMethod: 'pm_card_visa',
  askedAt: new Date(),
  outcome: 'pending',
  declineCode: null,
  pspReference: null,
  lookups: 0,
  lookAgainInSeconds: null,
};
const captured = { outcome: 'captured', reference: 'pi_1', amount, ourReference: 'a1' } as const;
const declined = { outcome: 'declined', declineCode: 'insufficient_funds', reference: 'pi_1' } as const;

const judge = (status: PaymentStatus, changes: Partial<AttemptRow>, answer: CaptureAnswer) =>
  judgeCapture({ status, amount }, { ...attempt, ...changes }, answer);

describe.each(['pending', 'unknown'] as const)('while an attempt is %s', (outcome) => {
  it('a capture of exactly what was asked for settles it', () => {
    expect(judge('authorising', { outcome }, captured)).toEqual({
      kind: 'settled',
      cause: 'captured',
      changes: { outcome: 'captured', declineCode: null, pspReference: 'pi_1' },
    });
  });

  it('a decline settles it, and its reason is kept', () => {
    expect(judge('authorising', { outcome }, declined)).toEqual({
      kind: 'settled',
      cause: 'declined',
      changes: { outcome: 'declined', declineCode: 'insufficient_funds', pspReference: 'pi_1' },
    });
  });

  it('no answer leaves it open, and is no decline', () => {
    expect(judge('authorising', { outcome, pspReference: 'pi_1' }, { outcome: 'unknown', why: 'timeout' })).toEqual({
      kind: 'open',
      changes: { outcome: 'unknown', pspReference: 'pi_1' },
    });
  });

  it('a provider that takes its time leaves it open, and its name for it is kept', () => {
    expect(judge('authorising', { outcome }, { outcome: 'processing', reference: 'pi_1' })).toEqual({
      kind: 'open',
      changes: { outcome: 'pending', pspReference: 'pi_1' },
    });
  });

  it.each<[string, Partial<Extract<CaptureAnswer, { outcome: 'captured' }>>]>([
    ['less', { amount: { amountMinor: 2597, currency: 'EUR' } }],
    ['more', { amount: { amountMinor: 2599, currency: 'EUR' } }],
    ['another currency', { amount: { amountMinor: 2598, currency: 'USD' } }],
    ['another attempt', { ourReference: 'a2' }],
    ['nobody knows what', { ourReference: undefined }],
  ])('a capture of %s is never believed', (_, wrong) => {
    expect(judge('authorising', { outcome }, { ...captured, ...wrong })).toEqual({
      kind: 'settled',
      cause: 'contradicted',
      changes: { outcome: 'unknown', declineCode: null, pspReference: 'pi_1' },
    });
  });

  it('a capture under another name than it was announced under is never believed', () => {
    expect(judge('authorising', { outcome, pspReference: 'pi_2' }, captured)).toMatchObject({ cause: 'contradicted' });
  });
});

describe('once an attempt is settled', () => {
  it('what settled it tells nothing new', () => {
    for (const status of ['captured', 'refunding', 'refunded'] as const)
      expect(judge(status, { outcome: 'captured', pspReference: 'pi_1' }, captured)).toEqual({ kind: 'too_late' });
    expect(judge('open', { outcome: 'declined' }, declined)).toEqual({ kind: 'too_late' });
  });

  it.each<CaptureAnswer>([declined, { outcome: 'processing', reference: 'pi_1' }, { outcome: 'unknown', why: 'timeout' }])(
    'a capture is not undone by $outcome, which was said earlier',
    (answer) => {
      expect(judge('captured', { outcome: 'captured', pspReference: 'pi_1' }, answer)).toEqual({ kind: 'too_late' });
    },
  );

  it('a second capture of it is for a person', () => {
    expect(judge('captured', { outcome: 'captured', pspReference: 'pi_1' }, { ...captured, reference: 'pi_2' })).toMatchObject({
      cause: 'contradicted',
      changes: { outcome: 'captured', pspReference: 'pi_1' },
    });
  });

  it('a capture that was given up for an ended order is believed, so that it can go back', () => {
    expect(judge('voided', { outcome: 'declined', declineCode: 'order_ended' }, captured)).toMatchObject({
      cause: 'captured',
      changes: { outcome: 'captured', declineCode: null },
    });
  });

  it.each(['open', 'authorising', 'captured'] as const)('a capture after its decline is for a person while the payment is %s', (status) => {
    expect(judge(status, { outcome: 'declined' }, captured)).toMatchObject({ cause: 'contradicted', changes: { outcome: 'declined' } });
  });
});

it('leaves alone what a person is looking into', () => {
  for (const answer of [captured, declined, { outcome: 'processing', reference: 'pi_1' } as const])
    expect(judge('review', {}, answer)).toEqual({ kind: 'too_late' });
});

it('never moves a payment that is not waiting for it, but for money', () => {
  for (const status of paymentStatuses.filter((each) => each !== 'authorising')) {
    expect(judge(status, {}, declined).kind).toBe('too_late');
    expect(judge(status, {}, { outcome: 'unknown', why: 'timeout' }).kind).toBe('too_late');
  }
});
