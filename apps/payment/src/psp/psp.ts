import type { Money } from '#libs/contracts';

/**
 * For how long after the first question a provider still knows a repeat by its key, in milliseconds. Stripe forgets keys after 24 hours at
 * the earliest (https://docs.stripe.com/api/idempotent_requests); an hour is left for the last question to travel.
 */
export const keyLifetimeMs = 23 * 3_600_000;

/** That hour, in milliseconds: what was asked at the last moment has arrived by then, or never will. */
export const questionTravelMs = 3_600_000;

/** One attempt at the money of a payment, as the provider is told of it. */
export interface CaptureRequest {
  /** Also the idempotency key: asking again gives the first answer again, and captures nothing more. */
  readonly attemptId: string;
  readonly paymentId: string;
  readonly orderId: string;
  readonly paymentMethod: string;
  readonly amount: Money;
  /** The provider's own name for it, once we have heard it. */
  readonly reference?: string | null;
}

/** What the provider says of an attempt. */
export type CaptureAnswer =
  | {
      readonly outcome: 'captured';
      readonly reference: string;
      readonly amount: Money;
      /** The attempt's id, as the provider has noted it. */
      readonly ourReference: string | undefined;
    }
  | { readonly outcome: 'declined'; readonly declineCode: string; readonly reference?: string }
  /** It has the question, and will decide later. */
  | { readonly outcome: 'processing'; readonly reference: string }
  /** No answer, or none that says anything: it may have captured, and it may still do so. */
  | { readonly outcome: 'unknown'; readonly why: string };

/** Money of one capture on its way back. */
export interface RefundRequest {
  /** Also the idempotency key. */
  readonly refundId: string;
  readonly orderId: string;
  /** The provider's name of the capture whose money goes back. */
  readonly captureReference: string;
  readonly amount: Money;
}

/** What the provider says of a refund. */
export type RefundAnswer =
  | {
      readonly outcome: 'refunded';
      readonly reference: string;
      readonly amount: Money;
      readonly captureReference: string;
      /** The refund's id, as the provider has noted it. */
      readonly ourReference: string | undefined;
    }
  | { readonly outcome: 'processing'; readonly reference: string }
  /** It will not give this money back, however often it is asked. */
  | { readonly outcome: 'refused'; readonly code: string }
  | { readonly outcome: 'unknown'; readonly why: string };

/**
 * What we need of a payment provider. Every call may be repeated at any time. An outcome that is not known is an answer; what is thrown
 * is a `DependencyAway`, when the provider was certainly not asked, or turns everybody away: nobody's fault, and no attempt is used up.
 */
export abstract class Psp {
  abstract capture(request: CaptureRequest): Promise<CaptureAnswer>;

  /** Makes sure that an attempt which was asked for captures nothing any more (`declined`, `order_ended`), or says that it has. */
  abstract giveUp(request: CaptureRequest): Promise<CaptureAnswer>;

  /** Looks for what became of an attempt. Undefined: the provider knows nothing of it, yet. */
  abstract lookUp(request: CaptureRequest): Promise<CaptureAnswer | undefined>;

  abstract refund(request: RefundRequest): Promise<RefundAnswer>;

  /** Looks for what became of a refund. Undefined: the provider knows nothing of it, yet. */
  abstract findRefund(request: RefundRequest): Promise<RefundAnswer | undefined>;
}
