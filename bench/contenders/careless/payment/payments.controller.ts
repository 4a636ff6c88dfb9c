import { Controller } from '@nestjs/common';
import { Ctx, EventPattern, Payload, RmqContext } from '@nestjs/microservices';
import type { EventName, OrderPlaced } from '../events.js';
import { handleAndAck } from '../handle-and-ack.js';
import { PaymentsService } from './payments.service.js';

@Controller()
export class PaymentsController {
  constructor(private readonly payments: PaymentsService) {}

  @EventPattern<EventName>('order.placed')
  capturePayment(@Payload() placed: OrderPlaced, @Ctx() context: RmqContext): Promise<void> {
    return handleAndAck(context, () => this.payments.capture(placed));
  }
}
