import { z } from 'zod';
import { Psp, type CaptureAnswer, type CaptureRequest, type RefundAnswer, type RefundRequest } from './psp.js';
import { captureAnswerOf, ourIdOf, referenceOf, refundAnswerOf } from './stripe-answers.js';
import { type Heard, StripeConnection, type StripeOptions } from './stripe-connection.js';

type Fault = NonNullable<Heard['fault']>;

/** One page of a list or of a search. */
const List = z.object({ data: z.array(z.unknown()), has_more: z.boolean() });

/**
 * Stripe, asked with one payment intent for each attempt, whose idempotency key is the attempt's id.
 * https://docs.stripe.com/api/payment_intents, https://docs.stripe.com/api/idempotent_requests
 */
export class StripePsp extends Psp {
  private readonly stripe: StripeConnection;

  constructor(options: StripeOptions) {
    super();
    this.stripe = new StripeConnection(options);
  }

  async capture(request: CaptureRequest): Promise<CaptureAnswer> {
    const { object, fault } = await this.stripe.ask((stripe) =>
      stripe.paymentIntents.create(
        { ...unconfirmed(request), payment_method: request.paymentMethod, confirm: true },
        { idempotencyKey: request.attemptId },
      ),
    );
    switch (fault?.kind) {
      case undefined:
        return captureAnswerOf(object);
      case 'declined':
        return { outcome: 'declined', declineCode: fault.code, ...(fault.reference && { reference: fault.reference }) };
      case 'refused':
        return { outcome: 'declined', declineCode: fault.param === 'payment_method' ? 'invalid_payment_method' : fault.code };
      case 'key-reused':
        // giveUp was there before us.
        return (await this.lookUp(request)) ?? unknown(fault);
      case 'unknown':
        return unknown(fault);
    }
  }

  /** It may still be `processing` afterwards: what a bank is working on cannot always be cancelled. */
  async giveUp(request: CaptureRequest): Promise<CaptureAnswer> {
    if (request.reference) return this.cancel(request.reference);
    // Takes the key, so that a capture which is still on its way finds it used. Without the method, which could be refused.
    const { object, fault } = await this.stripe.ask((stripe) =>
      stripe.paymentIntents.create(unconfirmed(request), { idempotencyKey: request.attemptId }),
    );
    const fence = fault ? undefined : referenceOf(object);
    if (fence) return this.cancel(fence);
    // The capture took the key first: asked again, it is answered from what is stored, even if that is a 500.
    const first = fault?.kind === 'key-reused' ? await this.capture(request) : unknown(fault);
    const known = first.outcome === 'unknown' ? ((await this.lookUp(request)) ?? first) : first;
    return known.outcome === 'processing' ? this.cancel(known.reference) : known;
  }

  async lookUp({ attemptId, reference }: CaptureRequest): Promise<CaptureAnswer | undefined> {
    if (reference) return this.retrieve(reference);
    const { object, fault } = await this.stripe.ask((stripe) =>
      stripe.paymentIntents.search({ query: `metadata['attempt_id']:'${attemptId}'` }),
    );
    const found = List.safeParse(object).data;
    if (!found) return unknown(fault);
    const answers = found.data.filter((intent) => ourIdOf(intent, 'attempt_id') === attemptId).map(captureAnswerOf);
    // There is one, as long as the provider remembers the key. If there are more, what counts is the money.
    return answers.find(({ outcome }) => outcome === 'captured') ?? answers.find(({ outcome }) => outcome !== 'declined') ?? answers[0];
  }

  async refund(request: RefundRequest): Promise<RefundAnswer> {
    const { refundId, orderId, captureReference, amount } = request;
    const { object, fault } = await this.stripe.ask((stripe) =>
      stripe.refunds.create(
        { payment_intent: captureReference, amount: amount.amountMinor, metadata: { refund_id: refundId, order_id: orderId } },
        { idempotencyKey: refundId },
      ),
    );
    switch (fault?.kind) {
      case undefined:
        return refundAnswerOf(object);
      case 'declined':
      case 'refused':
        // Our balance there fills up again by what customers pay.
        return fault.code === 'balance_insufficient' ? unknown(fault) : { outcome: 'refused', code: fault.code };
      case 'key-reused':
        return (await this.findRefund(request)) ?? unknown(fault);
      case 'unknown':
        return unknown(fault);
    }
  }

  async findRefund({ refundId, captureReference }: RefundRequest): Promise<RefundAnswer | undefined> {
    let after: string | undefined;
    do {
      const from = after === undefined ? {} : { starting_after: after };
      const { object, fault } = await this.stripe.ask((stripe) =>
        stripe.refunds.list({ payment_intent: captureReference, limit: 100, ...from }),
      );
      const page = List.safeParse(object).data;
      if (!page) return unknown(fault);
      const ours = page.data.find((refund) => ourIdOf(refund, 'refund_id') === refundId);
      if (ours) return refundAnswerOf(ours);
      after = page.has_more ? referenceOf(page.data.at(-1)) : undefined;
    } while (after !== undefined);
    return undefined;
  }

  private async cancel(reference: string): Promise<CaptureAnswer> {
    const { object, fault } = await this.stripe.ask((stripe) => stripe.paymentIntents.cancel(reference));
    if (!fault) return captureAnswerOf(object);
    // Refused: it is beyond cancelling, because it has captured, say, or was cancelled before.
    return fault.kind === 'unknown' ? unknown(fault) : this.retrieve(reference);
  }

  private async retrieve(reference: string): Promise<CaptureAnswer> {
    const { object, fault } = await this.stripe.ask((stripe) => stripe.paymentIntents.retrieve(reference));
    return fault ? unknown(fault) : captureAnswerOf(object);
  }
}

/** An intent that captures nothing until it is confirmed. Never by a redirect: nobody sits in front of it. */
function unconfirmed({ attemptId, paymentId, orderId, amount }: CaptureRequest) {
  return {
    amount: amount.amountMinor,
    currency: amount.currency.toLowerCase(),
    automatic_payment_methods: { enabled: true, allow_redirects: 'never' as const },
    metadata: { attempt_id: attemptId, payment_id: paymentId, order_id: orderId },
  };
}

function unknown(fault: Fault | undefined): { readonly outcome: 'unknown'; readonly why: string } {
  switch (fault?.kind) {
    case undefined:
      return { outcome: 'unknown', why: 'unreadable answer' };
    case 'unknown':
      return { outcome: 'unknown', why: fault.why };
    case 'key-reused':
      return { outcome: 'unknown', why: 'idempotency_error' };
    case 'declined':
    case 'refused':
      return { outcome: 'unknown', why: fault.code };
  }
}
