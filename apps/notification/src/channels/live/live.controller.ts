import { Controller, Get, Query, Req, Res } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { z } from 'zod';
import { CallerParam, EventStream, ForCallers, type Caller, type StreamReply } from '#libs/http';
import { LiveChannel } from './live.channel.js';

const NoQuery = z.strictObject({});

const anEvent =
  'event: order-paid\nid: 0199b3a0-0000-7000-8000-000000000005\n' +
  'data: {"orderId":"0199b3a0-0000-7000-8000-000000000001","kind":"order-paid","at":"2026-01-01T12:00:00.000Z","subject":"Your order is paid"}\n\n';

@ApiTags('notifications')
@ForCallers()
@Controller('events')
export class LiveController {
  constructor(private readonly channel: LiveChannel) {}

  @Get()
  @ApiOperation({
    summary: 'Hear what happens, as it happens',
    description:
      'Server-sent events, from now on and at most once: what is missed stays missed, and `GET /notifications` has it. `event` is the kind of ' +
      'notification, `id` the event that it tells of, `data` an object `{ orderId, kind, at, subject }`. A customer hears of their own ' +
      'orders, an operator of all. A comment comes every 15 s. A client that does not read is cut off.',
  })
  @ApiOkResponse({ description: 'The stream', content: { 'text/event-stream': { schema: { type: 'string', examples: [anEvent] } } } })
  listen(
    @Query({ schema: NoQuery }) _query: unknown,
    @CallerParam() caller: Caller,
    @Req() request: { method: string },
    @Res() reply: StreamReply,
  ): void {
    const stream = EventStream.over(reply);
    if (request.method === 'HEAD') return stream.close();
    stream.onClose(this.channel.listen(caller, stream));
  }
}
