import { Body, Controller, HttpCode, Post } from '@nestjs/common';
import { ApiAcceptedResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { DataSource } from 'typeorm';
import { z } from 'zod';
import { PaymentMethod } from '#libs/contracts';
import {
  CallerParam,
  findAnswer,
  ForCustomers,
  Idempotent,
  IdempotencyParam,
  IdParam,
  problem,
  Refusals,
  type Answer,
  type Caller,
  type IdempotentRequest,
} from '#libs/http';
import { PaymentOfOrder } from '../payment/payment-of-order.js';
import { PaymentView } from '../payment/payment-view.js';
import { PayOrder } from './pay-order.js';

const PayOrderBody = z
  .strictObject({
    paymentMethod: PaymentMethod.meta({ description: "The provider's name for how to pay, never a card number.", example: 'pm_card_visa' }),
  })
  .meta({ id: 'PayOrder' });
type PayOrderBody = z.infer<typeof PayOrderBody>;

@ApiTags('payments')
@Controller('orders')
export class PayOrderController {
  constructor(
    private readonly database: DataSource,
    private readonly payments: PaymentOfOrder,
    private readonly payOrder: PayOrder,
  ) {}

  @Post(':id/payments')
  @HttpCode(202)
  @ForCustomers()
  @Idempotent()
  @ApiOperation({
    summary: 'Pay an order',
    description:
      'Starts an attempt with a payment method. The provider is asked after this has been answered: follow `Location` for the outcome. After a decline another method may be tried, until the order ends. An order that has ended only just now, which this service has not heard of yet, is still answered 202; its attempt is then declined with `order_ended`, and nothing is captured unless the provider had been asked already, and then it goes back.',
  })
  @ApiAcceptedResponse({
    standardSchema: PaymentView,
    headers: { Location: { description: 'Where the payment is', schema: { type: 'string' } } },
  })
  @Refusals('order-not-found', 'order-already-paid', 'order-not-payable', 'payment-in-progress')
  async pay(
    @IdParam('id', 'order-not-found') orderId: string,
    @Body({ schema: PayOrderBody }) { paymentMethod }: PayOrderBody,
    @CallerParam() caller: Caller,
    @IdempotencyParam() request: IdempotentRequest,
  ): Promise<Answer> {
    // A replay is answered whatever has become of the order since.
    const replay = await findAnswer(this.database.manager, request);
    if (replay) return replay;
    const paymentId = await this.payments.find(orderId, caller);
    if (!paymentId) throw problem('order-not-found', 'There is no such order.');
    return this.payOrder.pay(paymentId, paymentMethod, request);
  }
}
