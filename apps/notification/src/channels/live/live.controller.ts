import type { ServerResponse } from 'node:http';
import { Controller, Get, Query, Req, Res } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { z } from 'zod';
import { CallerParam, ForCallers, type Caller } from '#libs/http';
import { EventStream } from './event-stream.js';
import { LiveChannel } from './live.channel.js';

const NoQuery = z.strictObject({});

const anEvent =
  'event: order-paid\nid: 0199b3a0-0000-7000-8000-000000000005\n' +
  'data: {"orderId":"0199b3a0-0000-7000-8000-000000000001","kind":"order-paid","at":"2026-01-01T12:00:00.000Z","subject":"Your order is paid"}\n\n';

/** What we use of Fastify's reply. */
interface Reply {
  readonly raw: ServerResponse;
  getHeaders(): Record<string, number | string | string[] | undefined>;
  hijack(): void;
}

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
    @Res() reply: Reply,
  ): void {
    // From here on the answer is ours to write: the framework would wait for its end, and keep it in memory.
    reply.hijack();
    const stream = new EventStream(reply.raw);
    stream.open(reply.getHeaders());
    if (request.method === 'HEAD') return stream.close();
    reply.raw.on('close', this.channel.listen(caller, stream));
  }
}
