import { Controller, Get } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { z } from 'zod';
import { ViewNotificationOutbox, ViewOrderOutbox, ViewPaymentOutbox, type ViewOutbox } from '#libs/contracts';
import { ForOperators } from '#libs/http';
import { NoAnswer, OutboxState, Queries } from '#libs/messaging';

const OutboxView = z
  .object({
    service: z.string(),
    waiting: z.int().nullable().meta({ description: 'Messages that are written and not yet sent.' }),
    parked: z.int().nullable().meta({ description: 'Messages that the broker kept refusing.' }),
    oldestSeconds: z.int().nullable().meta({ description: 'The age of the oldest that waits.' }),
    gap: z.string().nullable().meta({ description: 'Why nothing is known of it.' }),
  })
  .meta({ id: 'Outbox' });
type OutboxView = z.infer<typeof OutboxView>;
const OutboxList = z.object({ items: z.array(OutboxView) }).meta({ id: 'OutboxList' });

const others: readonly ViewOutbox[] = [ViewOrderOutbox, ViewPaymentOutbox, ViewNotificationOutbox];

@ApiTags('queues')
@ForOperators()
@Controller('outbox')
export class BrowseOutboxesController {
  constructor(
    private readonly own: OutboxState,
    private readonly queries: Queries,
  ) {}

  @Get()
  @ApiOperation({
    summary: 'Show what each service has yet to send',
    description: 'Asked of the services. One that does not answer within 2 s is a gap with its reason.',
  })
  @ApiOkResponse({ standardSchema: OutboxList })
  async listOutboxes(): Promise<{ items: OutboxView[] }> {
    const asked = await Promise.all(others.map((type) => this.ask(type)));
    return { items: [...asked, { service: 'console', ...(await this.own.read()), gap: null }] };
  }

  private async ask(type: ViewOutbox): Promise<OutboxView> {
    const [service = ''] = type.name.split('.');
    try {
      return { service, ...(await this.queries.ask(type, {})), gap: null };
    } catch (error) {
      if (!(error instanceof NoAnswer)) throw error;
      return { service, waiting: null, parked: null, oldestSeconds: null, gap: error.message };
    }
  }
}
