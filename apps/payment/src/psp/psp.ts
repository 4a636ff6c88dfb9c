import type { Money } from '#libs/contracts';

/** What the provider is asked for: the money of one attempt. */
export interface CaptureRequest {
  /** The attempt's id. Asking again with the same key gives the first answer again, and captures nothing more. */
  readonly key: string;
  readonly paymentMethod: string;
  readonly amount: Money;
}

/** A decline is an answer. No answer at all is an error, and leaves the outcome unknown. */
export type CaptureAnswer =
  | { readonly outcome: 'captured'; readonly reference: string; readonly amount: Money }
  | { readonly outcome: 'declined'; readonly declineCode: string };

export interface RefundRequest {
  /** The refund's id, used as the attempt's id is for a capture. */
  readonly key: string;
  /** The reference of the capture whose money goes back. */
  readonly captureReference: string;
  readonly amount: Money;
}

export interface RefundAnswer {
  readonly outcome: 'refunded';
  readonly reference: string;
}

/**
 * What we need of a payment provider. Both calls throw when no answer came, and the same key may then be asked again at any time: a
 * `DependencyAway` when the provider cannot be reached, so that its outage uses up no attempt, and any other error when it was asked.
 */
export abstract class Psp {
  abstract capture(request: CaptureRequest): Promise<CaptureAnswer>;

  /** Gives back captured money; also throws when the provider refuses. */
  abstract refund(request: RefundRequest): Promise<RefundAnswer>;
}
