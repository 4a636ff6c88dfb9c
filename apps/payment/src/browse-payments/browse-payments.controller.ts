import { Controller, Get } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { DataSource } from 'typeorm';
import { CallerParam, ForCallers, IdParam, problem, Refusals, seesCustomer, type Caller } from '#libs/http';
import { PaymentOfOrder } from '../payment/payment-of-order.js';
import { PaymentView, viewPayment } from '../payment/payment-view.js';

@ApiTags('payments')
@ForCallers()
@Controller()
export class BrowsePaymentsController {
  constructor(
    private readonly database: DataSource,
    private readonly payments: PaymentOfOrder,
  ) {}

  @Get('orders/:id/payment')
  @ApiOperation({
    summary: 'Show the payment of an order',
    description: 'Asked right after placing, this waits up to 2 s for the payment to be opened.',
  })
  @ApiOkResponse({ standardSchema: PaymentView })
  @Refusals('order-not-found')
  async showOfOrder(@IdParam('id', 'order-not-found') orderId: string, @CallerParam() caller: Caller): Promise<PaymentView> {
    const id = await this.payments.find(orderId, caller);
    const payment = id && (await viewPayment(this.database.manager, id));
    if (!payment) throw problem('order-not-found', 'There is no such order.');
    return payment.view;
  }

  @Get('payments/:id')
  @ApiOperation({ summary: 'Show one payment', description: 'With every attempt at it and everything that went back.' })
  @ApiOkResponse({ standardSchema: PaymentView })
  @Refusals('payment-not-found')
  async show(@IdParam('id', 'payment-not-found') id: string, @CallerParam() caller: Caller): Promise<PaymentView> {
    const payment = await viewPayment(this.database.manager, id);
    if (!payment || !seesCustomer(caller, payment.customerId)) throw problem('payment-not-found', 'There is no such payment.');
    return payment.view;
  }
}
