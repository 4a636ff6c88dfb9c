import { Controller, Get, Query } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { DataSource } from 'typeorm';
import { z } from 'zod';
import { CallerParam, CursorPages, ForOperators, InstantView, Page, PageQuery, Refusals, scopeOf, type Caller } from '#libs/http';

const BrowseQuery = z.strictObject({
  ...PageQuery,
  caller: z
    .string()
    .optional()
    .meta({ description: '`customer:` or `operator:`, and the name.', examples: ['customer:alice'] }),
  service: z.string().optional(),
  orderId: z.uuid().optional(),
});
type BrowseQuery = z.infer<typeof BrowseQuery>;

const ActivityView = z
  .object({
    id: z.uuid(),
    at: InstantView,
    service: z.string(),
    instance: z.string(),
    method: z.string().meta({ examples: ['POST'] }),
    route: z.string().meta({ examples: ['/orders'] }),
    status: z.int(),
    durationMs: z.number(),
    caller: z.string().nullable(),
    orderId: z.uuid().nullable(),
    traceId: z.string(),
  })
  .meta({ id: 'Activity' });
type ActivityView = z.infer<typeof ActivityView>;
const ActivityList = z.object({ items: z.array(ActivityView), next: z.string().nullable() }).meta({ id: 'ActivityList' });

type ActivityRow = Omit<ActivityView, 'at'> & { readonly at: Date };

@ApiTags('activity')
@ForOperators()
@Controller('activity')
export class BrowseActivityController {
  constructor(
    private readonly database: DataSource,
    private readonly pages: CursorPages,
  ) {}

  @Get()
  @ApiOperation({
    summary: 'List what callers did',
    description: 'The last first. Calls are reported at most once, so one may be missing: `orderly_activity_dropped_total` counts those.',
  })
  @ApiOkResponse({ standardSchema: ActivityList })
  @Refusals('invalid-cursor')
  async list(
    @Query({ schema: BrowseQuery }) { limit, after, ...filter }: BrowseQuery,
    @CallerParam() caller: Caller,
  ): Promise<Page<ActivityView>> {
    const listing = { route: 'GET /activity', caller: scopeOf(caller), filter };
    const last = this.pages.decode(after, listing);
    const rows = await this.database.query<ActivityRow[]>(
      `SELECT id, at, service, instance, method, route, status, duration_ms AS "durationMs", caller, order_id AS "orderId",
              trace_id AS "traceId"
         FROM activity
        WHERE ($1::text IS NULL OR caller = $1) AND ($2::text IS NULL OR service = $2) AND ($3::uuid IS NULL OR order_id = $3)
          AND ($4::timestamptz IS NULL OR (at, id) < ($4, $5::uuid))
        ORDER BY at DESC, id DESC LIMIT $6`,
      [filter.caller, filter.service, filter.orderId, last?.at, last?.id, limit + 1],
    );
    return this.pages.pageOf(rows, limit, listing, ({ at, id }) => ({ at, id }), view);
  }
}

const view = (row: ActivityRow): ActivityView => ({ ...row, at: row.at.toISOString() });
