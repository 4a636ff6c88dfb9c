import { Body, Controller, HttpCode, Post } from '@nestjs/common';
import { ApiAcceptedResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { DataSource } from 'typeorm';
import { v7 as uuidv7 } from 'uuid';
import { z } from 'zod';
import { RefundPayment, type Money } from '#libs/contracts';
import {
  answer,
  answerOnce,
  findAnswer,
  ForOperators,
  Idempotent,
  IdempotencyParam,
  IdParam,
  problem,
  Refusals,
  type Answer,
  type IdempotentRequest,
} from '#libs/http';
import { Transactions, type Transaction } from '#libs/messaging';
import { Refund } from '../payment/payment.entity.js';
import { RefundView, viewRefund } from '../payment/payment-view.js';
import { lockPayments, updatePayments, type LockedPayment } from '../payment/payments.js';
import { insertRefunds } from '../payment/refunds.js';

const RequestRefundBody = z
  .strictObject({
    amount: z
      .strictObject({ amountMinor: z.int().positive(), currency: z.string().regex(/^[A-Z]{3}$/) })
      .optional()
      .meta({ description: 'All that is left when left out.', examples: [{ amountMinor: 500, currency: 'EUR' }] }),
    reason: z.string().trim().min(1).max(200).optional().meta({ description: 'For people to read.', example: 'one mug was broken' }),
  })
  .meta({ id: 'RequestRefund' });
type RequestRefundBody = z.infer<typeof RequestRefundBody>;

@ApiTags('payments')
@Controller('payments')
export class RequestRefundController {
  constructor(
    private readonly database: DataSource,
    private readonly transactions: Transactions,
  ) {}

  @Post(':id/refunds')
  @HttpCode(202)
  @ForOperators()
  @Idempotent()
  @ApiOperation({
    summary: 'Give captured money back',
    description:
      'All that is left of it, or a part. The provider is asked after this has been answered, and again until it has done it. The payment stays `captured` until nothing is left of it.',
  })
  @ApiAcceptedResponse({
    standardSchema: RefundView,
    headers: { Location: { description: 'Where the payment with its refunds is', schema: { type: 'string' } } },
  })
  @Refusals('payment-not-found', 'refund-exceeds-captured')
  async requestRefund(
    @IdParam('id', 'payment-not-found') id: string,
    @Body({ schema: RequestRefundBody }) body: RequestRefundBody,
    @IdempotencyParam() request: IdempotentRequest,
  ): Promise<Answer> {
    // A replay is answered whatever has become of the payment since.
    const replay = await findAnswer(this.database.manager, request);
    if (replay) return replay;
    return this.transactions.run((tx) => answerOnce(tx, request, () => this.refund(id, body, tx)));
  }

  private async refund(id: string, { amount: wanted, reason: note }: RequestRefundBody, tx: Transaction): Promise<Answer> {
    const [payment] = await lockPayments(tx.manager, 'id', [id]);
    if (!payment) throw problem('payment-not-found', 'There is no such payment.');
    const amount = refundable(payment, wanted);
    const refundId = uuidv7();
    payment.requestRefund(amount.amountMinor);
    await insertRefunds(tx.manager, [{ id: refundId, paymentId: id, amount, reason: 'operator', note }]);
    await updatePayments(tx.manager, [payment]);
    const { orderId, version: sequence } = payment;
    tx.publish(RefundPayment, { orderId, refundId, reason: 'operator' }, { subject: orderId, sequence });
    const stored = await tx.manager.findOneByOrFail(Refund, { id: refundId });
    return answer(202, viewRefund(stored), { location: `/payments/${id}` });
  }
}

/** What may go back of a payment: what was asked for, or all that is left. */
function refundable({ status, left, amount: { currency } }: LockedPayment, wanted: Money | undefined): Money {
  if (wanted && wanted.currency !== currency) {
    const error = { pointer: '#/amount/currency', code: 'wrong-currency', message: `The payment is in ${currency}.` };
    throw problem('validation', 'See `errors` for each of them.', { errors: [error] });
  }
  if (status === 'review') throw problem('refund-exceeds-captured', 'A person is looking into this payment: nothing goes back meanwhile.');
  if (status !== 'captured') throw problem('refund-exceeds-captured', `Nothing is left to refund of a payment that is ${status}.`);
  if (wanted && wanted.amountMinor > left.amountMinor) {
    throw problem('refund-exceeds-captured', `Only ${left.amountMinor} ${currency} (minor units) are left to refund.`);
  }
  return wanted ?? left;
}
