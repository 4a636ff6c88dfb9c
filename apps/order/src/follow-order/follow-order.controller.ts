import { Controller, Get, Query, Req, Res } from '@nestjs/common';
import { ApiHeader, ApiNoContentResponse, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { InjectRepository } from '@nestjs/typeorm';
import { Repository } from 'typeorm';
import { z } from 'zod';
import { CallerParam, EventStream, ForCallers, IdParam, problem, seesCustomer, type Caller, type StreamReply } from '#libs/http';
import { Order } from '../order/order.entity.js';
import { mayChange } from '../order/order-state.js';
import { FollowedOrders } from './followed-orders.js';

const NoQuery = z.strictObject({});

const anEvent =
  'event: paid\nid: 2\ndata: {"orderId":"0199b3a0-0000-7000-8000-000000000001","sequence":2,"from":"awaiting_payment","to":"paid",' +
  '"cause":"payment.captured.v1","at":"2026-01-01T12:00:00.000Z"}\n\n';

@ApiTags('orders')
@ForCallers()
@Controller('orders')
export class FollowOrderController {
  constructor(
    @InjectRepository(Order) private readonly orders: Repository<Order>,
    private readonly followed: FollowedOrders,
  ) {}

  @Get(':id/events')
  @ApiOperation({
    summary: 'Follow one order',
    description:
      'Server-sent events: each change of its state, from its placing on, and each exactly as it stands in its `history`. `event` is the new ' +
      'state, `id` the `sequence`. Who comes back with `Last-Event-ID`, to any replica, is told what came after it. A comment comes every ' +
      '15 s. The stream ends when the order can change no more. A client that does not read is cut off.',
  })
  @ApiHeader({
    name: 'Last-Event-ID',
    required: false,
    description: 'The `id` of the last event that was seen. One that this order does not have is left out: all is told.',
    schema: { type: 'string', examples: ['1'] },
  })
  @ApiOkResponse({ description: 'The stream', content: { 'text/event-stream': { schema: { type: 'string', examples: [anEvent] } } } })
  @ApiNoContentResponse({ description: 'The last event was seen, and no more will come: an `EventSource` does not come back.' })
  async followOrder(
    @IdParam('id', 'order-not-found') id: string,
    @Query({ schema: NoQuery }) _query: unknown,
    @CallerParam() caller: Caller,
    @Req() { method, headers }: { method: string; headers: Record<string, string | undefined> },
    @Res() reply: StreamReply & { code(status: number): { send(): void } },
  ): Promise<void> {
    const order = await this.orders.findOneBy({ id });
    if (!order || !seesCustomer(caller, order.customerId)) throw problem('order-not-found', 'There is no such order.');
    const told = lastSeen(headers['last-event-id'], order.version);
    if (told === order.version && !mayChange(order.status)) return reply.code(204).send();
    const stream = EventStream.over(reply);
    if (method === 'HEAD') return stream.close();
    this.followed.follow(id, told, stream);
  }
}

/** 0 for whoever has seen nothing, or something that is not of this order. */
function lastSeen(lastEventId: string | undefined, version: number): number {
  const sequence = /^[1-9]\d{0,8}$/.test(lastEventId ?? '') ? Number(lastEventId) : 0;
  return sequence <= version ? sequence : 0;
}
