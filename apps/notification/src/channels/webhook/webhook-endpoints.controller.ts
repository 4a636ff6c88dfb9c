import { Body, Controller, Delete, Get, HttpCode, Inject, Patch, Post, Query } from '@nestjs/common';
import { ApiCreatedResponse, ApiNoContentResponse, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { DataSource } from 'typeorm';
import { v7 as uuidv7 } from 'uuid';
import { z } from 'zod';
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
import { NOTIFICATION_CONFIG, type NotificationConfig } from '../../config.js';
import { networks } from './address-rules.js';
import { EndpointSecrets } from './endpoint-secrets.js';
import { urlFault, type UrlRules } from './endpoint-url.js';
import { WebhookEventType } from './webhook-event.js';

const EventTypes = z
  .array(WebhookEventType)
  .min(1)
  .refine((types) => new Set(types).size === types.length, 'each once');

const RegisterEndpointBody = z
  .strictObject({
    url: z
      .string()
      .max(2048)
      .meta({ description: 'https, without a login.', examples: ['https://shop.example/webhooks'] }),
    eventTypes: EventTypes.meta({ description: 'What it is told of.' }),
  })
  .meta({ id: 'RegisterWebhookEndpoint' });
type RegisterEndpointBody = z.infer<typeof RegisterEndpointBody>;

const ChangeEndpointBody = z
  .strictObject({ enabled: z.boolean().meta({ description: 'true begins to count failures anew.' }) })
  .meta({ id: 'ChangeWebhookEndpoint' });
type ChangeEndpointBody = z.infer<typeof ChangeEndpointBody>;

const BrowseQuery = z.strictObject(PageQuery);
type BrowseQuery = z.infer<typeof BrowseQuery>;

const EndpointView = z
  .object({
    id: z.uuid(),
    url: z.string(),
    eventTypes: z.array(z.string()),
    status: z.enum(['enabled', 'disabled']),
    disabled: z
      .object({ reason: z.enum(['failing', 'gone', 'operator']), at: InstantView })
      .nullable()
      .meta({ description: '`failing`: too many deliveries failed in a row. `gone`: it answered 410. `operator`: somebody did it.' }),
    failedInARow: z.int().meta({ description: 'Deliveries that failed, each after its last try, since one was accepted.' }),
    createdBy: z.string(),
    createdAt: InstantView,
  })
  .meta({ id: 'WebhookEndpoint' });
type EndpointView = z.infer<typeof EndpointView>;

const RegisteredView = EndpointView.extend({
  secret: z.string().meta({ description: 'Deliveries are signed with it. Shown here, and never again.', examples: ['whsec_…'] }),
}).meta({ id: 'RegisteredWebhookEndpoint' });
type RegisteredView = z.infer<typeof RegisteredView>;

const EndpointList = z.object({ items: z.array(EndpointView), next: z.string().nullable() }).meta({ id: 'WebhookEndpointList' });

interface EndpointRow {
  readonly id: string;
  readonly url: string;
  readonly event_types: string[];
  readonly status: 'enabled' | 'disabled';
  readonly disabled_reason: 'failing' | 'gone' | 'operator' | null;
  readonly disabled_at: Date | null;
  readonly failed_in_a_row: number;
  readonly created_by: string;
  readonly created_at: Date;
}

const columns = 'id, url, event_types, status, disabled_reason, disabled_at, failed_in_a_row, created_by, created_at';

@ApiTags('webhooks')
@ForOperators()
@Controller('webhook-endpoints')
export class WebhookEndpointsController {
  private readonly rules: UrlRules;

  constructor(
    private readonly database: DataSource,
    private readonly pages: CursorPages,
    private readonly secrets: EndpointSecrets,
    @Inject(NOTIFICATION_CONFIG) { WEBHOOK_ALLOW_HTTP: allowHttp, WEBHOOK_ALLOWED_NETWORKS: allowed }: NotificationConfig,
  ) {
    this.rules = { allowHttp, allowed: networks(allowed) };
  }

  // Without an idempotency key: the answer that it keeps would have the secret in it.
  @Post()
  @ApiOperation({
    summary: 'Register an endpoint for webhooks',
    description:
      'From now on it gets a signed POST ([Standard Webhooks](https://www.standardwebhooks.com)) for each event of these types, at least once, ' +
      'in no certain order. The secret stands in this answer alone.',
  })
  @ApiCreatedResponse({ standardSchema: RegisteredView })
  async register(
    @Body({ schema: RegisterEndpointBody }) body: RegisterEndpointBody,
    @CallerParam() caller: Operator,
  ): Promise<RegisteredView> {
    const fault = urlFault(body.url, this.rules);
    if (fault) throw problem('validation', 'See `errors` for each of them.', { errors: [{ pointer: '#/url', ...fault }] });
    const id = uuidv7();
    const secret = this.secrets.generate();
    const [row]: EndpointRow[] = await this.database.query(
      `INSERT INTO webhook_endpoints (id, url, event_types, secret, created_by) VALUES ($1, $2, $3, $4, $5) RETURNING ${columns}`,
      [id, new URL(body.url).href, body.eventTypes, this.secrets.seal(secret, id), caller.name],
    );
    return { ...view(row!), secret };
  }

  @Get()
  @ApiOperation({ summary: 'List the endpoints for webhooks', description: 'Newest first.' })
  @ApiOkResponse({ standardSchema: EndpointList })
  @Refusals('invalid-cursor')
  async list(@Query({ schema: BrowseQuery }) { limit, after }: BrowseQuery, @CallerParam() caller: Operator): Promise<Page<EndpointView>> {
    const listing = { route: 'GET /webhook-endpoints', caller: scopeOf(caller) };
    const last = this.pages.decode(after, listing);
    const rows: EndpointRow[] = await this.database.query(
      `SELECT ${columns} FROM webhook_endpoints WHERE $1::timestamptz IS NULL OR (created_at, id) < ($1, $2::uuid)
        ORDER BY created_at DESC, id DESC LIMIT $3`,
      [last?.at, last?.id, limit + 1],
    );
    return this.pages.pageOf(rows, limit, listing, ({ created_at: at, id }) => ({ at, id }), view);
  }

  @Get(':id')
  @ApiOperation({ summary: 'Show an endpoint for webhooks' })
  @ApiOkResponse({ standardSchema: EndpointView })
  async show(@IdParam('id', 'webhook-endpoint-not-found') id: string): Promise<EndpointView> {
    const [row]: EndpointRow[] = await this.database.query(`SELECT ${columns} FROM webhook_endpoints WHERE id = $1`, [id]);
    return view(found(row));
  }

  @Patch(':id')
  @ApiOperation({
    summary: 'Enable an endpoint for webhooks again, or disable it',
    description:
      'What happens while it is disabled is not sent later. What was waiting goes on if it is enabled before its next try, and has failed ' +
      'otherwise: then it can be redelivered.',
  })
  @ApiOkResponse({ standardSchema: EndpointView })
  async change(
    @IdParam('id', 'webhook-endpoint-not-found') id: string,
    @Body({ schema: ChangeEndpointBody }) { enabled }: ChangeEndpointBody,
  ): Promise<EndpointView> {
    const [[row]]: [EndpointRow[], number] = await this.database.query(
      enabled
        ? `UPDATE webhook_endpoints SET status = 'enabled', disabled_reason = NULL, disabled_at = NULL, failed_in_a_row = 0
            WHERE id = $1 RETURNING ${columns}`
        : `UPDATE webhook_endpoints SET status = 'disabled', disabled_reason = coalesce(disabled_reason, 'operator'),
                                        disabled_at = coalesce(disabled_at, now())
            WHERE id = $1 RETURNING ${columns}`,
      [id],
    );
    return view(found(row));
  }

  @Delete(':id')
  @HttpCode(204)
  @ApiOperation({ summary: 'Remove an endpoint for webhooks', description: 'With its secret and the log of its deliveries.' })
  @ApiNoContentResponse({ description: 'It is gone' })
  async remove(@IdParam('id', 'webhook-endpoint-not-found') id: string): Promise<void> {
    const [[row]]: [EndpointRow[], number] = await this.database.query('DELETE FROM webhook_endpoints WHERE id = $1 RETURNING id', [id]);
    found(row);
  }
}

function found(row: EndpointRow | undefined): EndpointRow {
  if (!row) throw problem('webhook-endpoint-not-found', 'There is no such webhook endpoint.');
  return row;
}

function view(row: EndpointRow): EndpointView {
  const { id, url, event_types: eventTypes, status, disabled_reason: reason, disabled_at: at, failed_in_a_row: failedInARow } = row;
  return {
    id,
    url,
    eventTypes,
    status,
    disabled: reason && at ? { reason, at: at.toISOString() } : null,
    failedInARow,
    createdBy: row.created_by,
    createdAt: row.created_at.toISOString(),
  };
}
