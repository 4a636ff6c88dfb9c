import { Body, Controller, Headers, Post } from '@nestjs/common';
import { Ctx, EventPattern, Payload, RmqContext } from '@nestjs/microservices';
import { z } from 'zod';
import type { EventName, PaymentCaptured } from '../events.js';
import { handleAndAck } from '../handle-and-ack.js';
import type { Order } from './order.entity.js';
import { OrdersService } from './orders.service.js';

const PlaceOrderBody = z.object({
  items: z.array(z.object({ sku: z.string().min(1), quantity: z.int().min(1).max(100) })).min(1),
  email: z.email(),
  paymentMethod: z.string().min(1),
});
export type PlaceOrderBody = z.infer<typeof PlaceOrderBody>;

@Controller('orders')
export class OrdersController {
  constructor(private readonly orders: OrdersService) {}

  /** Takes no notice of an `Idempotency-Key`: a request that is sent again is another order. */
  @Post()
  placeOrder(@Body({ schema: PlaceOrderBody }) body: PlaceOrderBody, @Headers('name') customerId: string): Promise<Order> {
    return this.orders.place(body, customerId);
  }

  @EventPattern<EventName>('payment.captured')
  settleOrder(@Payload() captured: PaymentCaptured, @Ctx() context: RmqContext): Promise<void> {
    return handleAndAck(context, () => this.orders.markPaid(captured));
  }
}
