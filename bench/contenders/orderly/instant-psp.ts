import { Psp, type CaptureAnswer, type CaptureRequest, type RefundAnswer, type RefundRequest } from '../../../apps/payment/src/psp/psp.js';

/** A provider that captures at once: what is measured is the shop, not the provider. */
export class InstantPsp extends Psp {
  async capture({ attemptId, amount }: CaptureRequest): Promise<CaptureAnswer> {
    return { outcome: 'captured', reference: `pi_${attemptId}`, amount, ourReference: attemptId };
  }

  giveUp(request: CaptureRequest): Promise<CaptureAnswer> {
    return this.capture(request);
  }

  lookUp(request: CaptureRequest): Promise<CaptureAnswer> {
    return this.capture(request);
  }

  async refund({ refundId, amount, captureReference }: RefundRequest): Promise<RefundAnswer> {
    return { outcome: 'refunded', reference: `re_${refundId}`, amount, captureReference, ourReference: refundId };
  }

  findRefund(request: RefundRequest): Promise<RefundAnswer> {
    return this.refund(request);
  }
}
