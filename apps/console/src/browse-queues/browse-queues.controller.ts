import { Controller, Get } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { z } from 'zod';
import { ForOperators, problem, Refusals } from '#libs/http';
import { QueueDepths } from '#libs/messaging';

const QueueView = z
  .object({
    name: z.string(),
    messages: z.int().nullable().meta({ description: 'Ready to be delivered; null when the queue is not there.' }),
    consumers: z.int().nullable(),
  })
  .meta({ id: 'Queue' });
const QueueList = z.object({ items: z.array(QueueView) }).meta({ id: 'QueueList' });

@ApiTags('queues')
@ForOperators()
@Controller('queues')
export class BrowseQueuesController {
  constructor(private readonly depths: QueueDepths) {}

  @Get()
  @ApiOperation({ summary: 'List the queues', description: 'Every queue of the topology, with what waits in it and who takes from it.' })
  @ApiOkResponse({ standardSchema: QueueList })
  @Refusals('temporarily-unavailable')
  async listQueues(): Promise<z.infer<typeof QueueList>> {
    try {
      return { items: await this.depths.read() };
    } catch {
      throw problem('temporarily-unavailable', 'The broker does not answer. Try again in a moment.');
    }
  }
}
