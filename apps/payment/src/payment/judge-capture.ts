import type { Money } from '#libs/contracts';
import type { CaptureAnswer } from '../psp/psp.js';
import { isUnsettled, type AttemptRow } from './attempts.js';
import type { PaymentStatus } from './payment-state.js';

/** What an answer about an attempt means for its payment. */
export type CaptureVerdict =
  | {
      readonly kind: 'settled';
      readonly cause: 'captured' | 'declined' | 'contradicted';
      readonly changes: Pick<AttemptRow, 'outcome' | 'declineCode' | 'pspReference'>;
    }
  /** Still not known: somebody has to look again. */
  | { readonly kind: 'open'; readonly changes: Pick<AttemptRow, 'outcome' | 'pspReference'> }
  /** It tells nothing new. */
  | { readonly kind: 'too_late' };

const tooLate: CaptureVerdict = { kind: 'too_late' };

/**
 * Judges what the provider says about an attempt, by whichever way it reached us. The first answer counts. A decline never undoes a
 * capture. A capture that we had given up is believed where the money can go back, and anything else that cannot be is for a person.
 */
export function judgeCapture(
  payment: { status: PaymentStatus; amount: Money },
  attempt: AttemptRow,
  answer: CaptureAnswer,
): CaptureVerdict {
  // A person is looking into it.
  if (payment.status === 'review') return tooLate;
  const awaited = payment.status === 'authorising' && isUnsettled(attempt);
  switch (answer.outcome) {
    case 'unknown':
      return awaited ? { kind: 'open', changes: { outcome: 'unknown', pspReference: attempt.pspReference } } : tooLate;
    case 'processing':
      return awaited ? { kind: 'open', changes: { outcome: 'pending', pspReference: answer.reference } } : tooLate;
    case 'declined': {
      const { declineCode, reference } = answer;
      const changes = { outcome: 'declined', declineCode, pspReference: reference ?? attempt.pspReference } as const;
      return awaited ? { kind: 'settled', cause: 'declined', changes } : tooLate;
    }
    case 'captured': {
      const agrees = isTheOneWeAskedFor(payment.amount, attempt, answer);
      if (attempt.outcome === 'captured' && agrees) return tooLate;
      const believed = agrees && (awaited || (attempt.outcome === 'declined' && payment.status === 'voided'));
      return believed
        ? { kind: 'settled', cause: 'captured', changes: { outcome: 'captured', declineCode: null, pspReference: answer.reference } }
        : { kind: 'settled', cause: 'contradicted', changes: contradicted(attempt, answer.reference) };
    }
  }
}

/** A capture of another amount, or of something else, is not one that we may tell anybody of. */
function isTheOneWeAskedFor(
  asked: Money,
  attempt: AttemptRow,
  { amount, reference, ourReference }: Extract<CaptureAnswer, { outcome: 'captured' }>,
): boolean {
  return (
    amount.amountMinor === asked.amountMinor &&
    amount.currency === asked.currency &&
    ourReference === attempt.id &&
    (attempt.pspReference === null || attempt.pspReference === reference)
  );
}

/** What was settled before stays on record as it was. */
function contradicted({ outcome, declineCode, pspReference }: AttemptRow, reference: string) {
  return isUnsettled({ outcome })
    ? ({ outcome: 'unknown', declineCode: null, pspReference: reference } as const)
    : { outcome, declineCode, pspReference };
}
