import { Controller, HttpCode, Post } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { CallerParam, ForCustomers, IdParam, problem, Refusals, type Customer } from '#libs/http';
import { Transactions } from '#libs/messaging';
import { lockOrders, OrderMoves } from '../order/move-orders.js';
import { orderView, OrderView } from '../order/order-view.js';
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
  @ApiOkResponse({ standardSchema: OrderView })
  @Refusals('order-not-found', 'order-not-cancellable')
  cancelOrder(@IdParam('id', 'order-not-found') id: string, @CallerParam() customer: Customer): Promise<OrderView> {
    return this.transactions.run(async (tx) => {
      const [order] = (await lockOrders([id], tx)).values();
      if (order?.customerId !== customer.id) throw problem('order-not-found', 'There is no such order.');
      const moves = new OrderMoves(tx);
      try {
        moves.make(order, 'customer');
      } catch (error) {
        if (error instanceof IllegalTransition)
          throw problem('order-not-cancellable', `An order that is ${error.from} cannot be cancelled.`);
        throw error;
      }
      moves.save();
      return orderView(order);
    });
  }
}
