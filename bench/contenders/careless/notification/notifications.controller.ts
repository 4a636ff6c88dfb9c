import { Controller } from '@nestjs/common';
import { Ctx, EventPattern, Payload, RmqContext } from '@nestjs/microservices';
import type { EventName, OrderPaid, OrderPlaced } from '../events.js';
import { handleAndAck } from '../handle-and-ack.js';
import { NotificationsService } from './notifications.service.js';

@Controller()
export class NotificationsController {
  constructor(private readonly notifications: NotificationsService) {}

  @EventPattern<EventName>('order.placed')
  orderPlaced(@Payload() placed: OrderPlaced, @Ctx() context: RmqContext): Promise<void> {
    return handleAndAck(context, () => this.notifications.notify('order-placed', placed));
  }

  @EventPattern<EventName>('order.paid')
  orderPaid(@Payload() paid: OrderPaid, @Ctx() context: RmqContext): Promise<void> {
    return handleAndAck(context, () => this.notifications.notify('order-paid', paid));
  }
}
