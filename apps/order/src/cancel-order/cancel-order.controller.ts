import { Controller, Headers, HttpCode, Post } from '@nestjs/common';
import { ApiHeader, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { CallerParam, ForCustomers, IdParam, meetsIfMatch, problem, Refusals, type Customer } from '#libs/http';
import { Transactions } from '#libs/messaging';
import { lockOrders, OrderMoves } from '../order/move-orders.js';
import { orderTag, orderView, OrderView } from '../order/order-view.js';
import { IllegalTransition } from '../order/order-state.js';

@ApiTags('orders')
@Controller('orders')
export class CancelOrderController {
  constructor(private readonly transactions: Transactions) {}

  @Post(':id/cancel')
  @HttpCode(200)
  @ForCustomers()
  @ApiOperation({
    summary: 'Cancel an order',
    description:
      'An unpaid order is `cancelled`; of a paid one the money goes back, and it is `refunding` until it has. Asking again changes nothing.',
  })
  @ApiHeader({
    name: 'If-Match',
    required: false,
    description: 'The `ETag` of the order as it was seen: should it have changed since, nothing happens. `*` is any.',
    schema: { type: 'string', examples: ['"1"'] },
  })
  @ApiOkResponse({ standardSchema: OrderView })
  @Refusals('order-not-found', 'order-not-cancellable', 'precondition-failed')
  cancelOrder(
    @IdParam('id', 'order-not-found') id: string,
    @CallerParam() customer: Customer,
    @Headers('If-Match') ifMatch?: string,
  ): Promise<OrderView> {
    return this.transactions.run(async (tx) => {
      const [order] = (await lockOrders([id], tx)).values();
      if (order?.customerId !== customer.id) throw problem('order-not-found', 'There is no such order.');
      const seen = orderTag(order);
      const moves = new OrderMoves(tx);
      try {
        moves.make(order, 'customer');
      } catch (error) {
        if (error instanceof IllegalTransition)
          throw problem('order-not-cancellable', `An order that is ${error.from} cannot be cancelled.`);
        throw error;
      }
      // After the conflict, which a condition that is met would not take away (RFC 9110, 13.2.1), and not for what is done already (13.1.1):
      // whoever asks again has perhaps not heard the answer. What was made is not saved.
      if (orderTag(order) !== seen && !meetsIfMatch(ifMatch, seen))
        throw problem('precondition-failed', 'The order has changed since it was seen. Look at it again.');
      moves.save();
      return orderView(order);
    });
  }
}
