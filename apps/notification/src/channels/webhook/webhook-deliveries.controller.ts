import { Controller, Get, HttpCode, Post, Query } from '@nestjs/common';
import { ApiAcceptedResponse, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { DataSource, type EntityManager } from 'typeorm';
import { z } from 'zod';
import { DeliverWebhook } from '#libs/contracts';
import {
  CallerParam,
  CursorPages,
  ForOperators,
  IdParam,
  InstantView,
  PageQuery,
  problem,
  Refusals,
  scopeOf,
  type Operator,
  type Page,
} from '#libs/http';
import { Transactions } from '#libs/messaging';
import { WebhookEventType } from './webhook-event.js';

const DeliveryStatus = z.enum(['pending', 'delivered', 'failed']);

const BrowseQuery = z.strictObject({
  ...PageQuery,
  endpointId: z.uuid().optional(),
  orderId: z.uuid().optional(),
  eventType: WebhookEventType.optional(),
  status: DeliveryStatus.optional(),
});
type BrowseQuery = z.infer<typeof BrowseQuery>;

const AttemptView = z.object({
  at: InstantView,
  durationMs: z.int(),
  answerStatus: z.int().nullable().meta({ description: 'Of the receiver’s answer. Nothing else of it is kept.' }),
  error: z
    .string()
    .nullable()
    .meta({ description: 'Why there was no answer.', examples: ['timeout', 'address-refused', 'connection-refused'] }),
});

const DeliveryView = z
  .object({
    id: z.uuid().meta({ description: 'The `webhook-id` of each try.' }),
    endpointId: z.uuid(),
    eventId: z.uuid(),
    orderId: z.uuid(),
    eventType: z.string(),
    status: DeliveryStatus.meta({ description: '`failed`: no try is left, or its endpoint is disabled.' }),
    attempts: z.array(AttemptView).meta({ description: 'Oldest first.' }),
    nextAttemptAt: InstantView.nullable(),
    createdAt: InstantView,
  })
  .meta({ id: 'WebhookDelivery' });
type DeliveryView = z.infer<typeof DeliveryView>;

const DeliveryList = z.object({ items: z.array(DeliveryView), next: z.string().nullable() }).meta({ id: 'WebhookDeliveryList' });

interface DeliveryRow {
  readonly id: string;
  readonly endpoint_id: string;
  readonly event_id: string;
  readonly order_id: string;
  readonly event_type: string;
  readonly status: z.infer<typeof DeliveryStatus>;
  readonly next_attempt_at: Date | null;
  readonly created_at: Date;
  /** As JSON, with instants as text. */
  readonly tries: z.infer<typeof AttemptView>[];
}

const columns = `id, endpoint_id, event_id, order_id, event_type, status, next_attempt_at, created_at,
  (SELECT coalesce(json_agg(json_build_object('at', at, 'durationMs', duration_ms, 'answerStatus', answer_status, 'error', error)
                            ORDER BY number), '[]')
     FROM webhook_attempts WHERE delivery_id = webhook_deliveries.id) AS tries`;

@ApiTags('webhooks')
@ForOperators()
@Controller('webhook-deliveries')
export class WebhookDeliveriesController {
  constructor(
    private readonly database: DataSource,
    private readonly transactions: Transactions,
    private readonly pages: CursorPages,
  ) {}

  @Get()
  @ApiOperation({ summary: 'List the deliveries of webhooks', description: 'Newest first, each with every try that was made.' })
  @ApiOkResponse({ standardSchema: DeliveryList })
  @Refusals('invalid-cursor')
  async list(
    @Query({ schema: BrowseQuery }) { limit, after, ...filter }: BrowseQuery,
    @CallerParam() caller: Operator,
  ): Promise<Page<DeliveryView>> {
    const listing = { route: 'GET /webhook-deliveries', caller: scopeOf(caller), filter };
    const last = this.pages.decode(after, listing);
    const rows: DeliveryRow[] = await this.database.query(
      `SELECT ${columns} FROM webhook_deliveries
        WHERE ($1::uuid IS NULL OR endpoint_id = $1) AND ($2::uuid IS NULL OR order_id = $2)
          AND ($3::text IS NULL OR event_type = $3) AND ($4::text IS NULL OR status = $4)
          AND ($5::timestamptz IS NULL OR (created_at, id) < ($5, $6::uuid))
        ORDER BY created_at DESC, id DESC LIMIT $7`,
      [filter.endpointId, filter.orderId, filter.eventType, filter.status, last?.at, last?.id, limit + 1],
    );
    return this.pages.pageOf(rows, limit, listing, ({ created_at: at, id }) => ({ at, id }), view);
  }

  @Get(':id')
  @ApiOperation({ summary: 'Show one delivery of a webhook' })
  @ApiOkResponse({ standardSchema: DeliveryView })
  async show(@IdParam('id', 'webhook-delivery-not-found') id: string): Promise<DeliveryView> {
    return view(await find(id, this.database.manager));
  }

  @Post(':id/redeliver')
  @HttpCode(202)
  @ApiOperation({
    summary: 'Send a webhook again',
    description: 'One that has ended, well or not: with the same `webhook-id`, and with all the tries that a new one has.',
  })
  @ApiAcceptedResponse({ standardSchema: DeliveryView })
  @Refusals('webhook-delivery-pending', 'webhook-endpoint-disabled')
  async redeliver(@IdParam('id', 'webhook-delivery-not-found') id: string): Promise<DeliveryView> {
    return this.transactions.run(async (tx) => {
      const [found]: { status: string; endpoint_status: string; order_id: string; attempts: number }[] = await tx.manager.query(
        `SELECT delivery.status, endpoint.status AS endpoint_status, order_id, attempts
           FROM webhook_deliveries AS delivery JOIN webhook_endpoints AS endpoint ON endpoint.id = endpoint_id
          WHERE delivery.id = $1 FOR UPDATE OF delivery`,
        [id],
      );
      if (!found) throw problem('webhook-delivery-not-found', 'There is no such webhook delivery.');
      if (found.status === 'pending') throw problem('webhook-delivery-pending', 'It will be tried at `nextAttemptAt`.');
      if (found.endpoint_status === 'disabled') throw problem('webhook-endpoint-disabled', 'Enable the endpoint first.');
      await tx.manager.query(`UPDATE webhook_deliveries SET status = 'pending', rung = 0, next_attempt_at = now() WHERE id = $1`, [id]);
      const orderId = found.order_id;
      tx.publish(DeliverWebhook, { deliveryId: id, orderId, attempt: found.attempts + 1 }, { subject: orderId });
      return view(await find(id, tx.manager));
    });
  }
}

async function find(id: string, manager: EntityManager): Promise<DeliveryRow> {
  const [row]: DeliveryRow[] = await manager.query(`SELECT ${columns} FROM webhook_deliveries WHERE id = $1`, [id]);
  if (!row) throw problem('webhook-delivery-not-found', 'There is no such webhook delivery.');
  return row;
}

function view(row: DeliveryRow): DeliveryView {
  return {
    id: row.id,
    endpointId: row.endpoint_id,
    eventId: row.event_id,
    orderId: row.order_id,
    eventType: row.event_type,
    status: row.status,
    attempts: row.tries.map((made) => ({ ...made, at: new Date(made.at).toISOString() })),
    nextAttemptAt: row.next_attempt_at?.toISOString() ?? null,
    createdAt: row.created_at.toISOString(),
  };
}
