import type { RefundAnswer } from '../psp/psp.js';
import type { PaymentStatus } from './payment-state.js';
import type { RefundRow } from './refunds.js';

/** What an answer about a refund means: see {@link judgeRefund}. */
export type RefundVerdict =
  | { readonly kind: 'settled'; readonly reference: string }
  /** The provider refuses, or gave back something else. A person has to look into it. */
  | { readonly kind: 'contradicted' }
  /** Still not known: it is asked for again. */
  | { readonly kind: 'open'; readonly reference: string | null }
  | { readonly kind: 'too_late' };

/**
 * Judges what the provider says about a refund, by whichever way it reached us.
 * @param captureReference what the refund was to be of
 */
export function judgeRefund(status: PaymentStatus, refund: RefundRow, captureReference: string, answer: RefundAnswer): RefundVerdict {
  if (status === 'review') return { kind: 'too_late' };
  // A bank may turn money away days after the provider said that it had gone back.
  if (refund.status === 'succeeded') return { kind: answer.outcome === 'refused' ? 'contradicted' : 'too_late' };
  switch (answer.outcome) {
    case 'refused':
      return { kind: 'contradicted' };
    case 'processing':
      return { kind: 'open', reference: answer.reference };
    case 'unknown':
      return { kind: 'open', reference: refund.pspReference };
    case 'refunded': {
      const agrees =
        answer.amount.amountMinor === refund.amount.amountMinor &&
        answer.amount.currency === refund.amount.currency &&
        answer.captureReference === captureReference &&
        answer.ourReference === refund.id;
      return agrees ? { kind: 'settled', reference: answer.reference } : { kind: 'contradicted' };
    }
  }
}
