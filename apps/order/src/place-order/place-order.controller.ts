import { Body, Controller, Post, UseFilters } from '@nestjs/common';
import { ApiCreatedResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import {
  CallerParam,
  ForCustomers,
  Idempotent,
  IdempotencyParam,
  Refusals,
  type Answer,
  type Customer,
  type IdempotentRequest,
} from '#libs/http';
import { OrderView } from '../order/order-view.js';
import { UnknownSkusToo } from './known-skus.js';
import { PlaceOrder } from './place-order.js';
import { PlaceOrderBody } from './place-order-body.js';

@ApiTags('orders')
@Controller('orders')
export class PlaceOrderController {
  constructor(private readonly orders: PlaceOrder) {}

  @Post()
  @ForCustomers()
  @UseFilters(UnknownSkusToo)
  @Idempotent()
  @ApiOperation({
    summary: 'Place an order',
    description:
      'Send skus and quantities; the prices are ours. The order awaits its payment until `paymentDeadline`. With a `paymentMethod` the payment is tried at once; without, pay at the payment service.',
  })
  @ApiCreatedResponse({
    standardSchema: OrderView,
    headers: { Location: { description: 'Where the order is', schema: { type: 'string' } } },
  })
  @Refusals('validation', 'card-number-refused')
  placeOrder(
    @Body({ schema: PlaceOrderBody }) body: PlaceOrderBody,
    @CallerParam() caller: Customer,
    @IdempotencyParam() request: IdempotentRequest,
  ): Promise<Answer> {
    return this.orders.place(body, caller.id, request);
  }
}
