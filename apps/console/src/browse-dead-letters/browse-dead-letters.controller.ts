import { Controller, Get, Query } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { DataSource } from 'typeorm';
import { z } from 'zod';
import {
  CallerParam,
  CursorPages,
  ForOperators,
  IdParam,
  InstantView,
  Page,
  PageQuery,
  problem,
  Refusals,
  scopeOf,
  type Caller,
} from '#libs/http';
import { letterStatuses } from '../letter/letter-state.js';
import {
  letterColumns,
  letterView,
  LetterView,
  letterWithHistoryView,
  LetterWithHistoryView,
  type LetterHistoryRow,
  type LetterRow,
  type WholeLetterRow,
} from '../letter/letter-view.js';

const Filter = {
  queue: z.string().optional(),
  type: z.string().optional(),
  error: z.string().optional().meta({ description: 'The `error` of a group.' }),
};
const BrowseQuery = z.strictObject({ ...PageQuery, ...Filter, status: z.enum(letterStatuses).optional() });
type BrowseQuery = z.infer<typeof BrowseQuery>;
const LetterList = z.object({ items: z.array(LetterView), next: z.string().nullable() }).meta({ id: 'DeadLetterList' });

const GroupView = z
  .object({
    queue: z.string(),
    type: z.string().nullable(),
    reason: z.string(),
    error: z.string().meta({ description: 'Without what differs from one message to the next.' }),
    count: z.int(),
    firstDiedAt: InstantView,
    lastDiedAt: InstantView,
  })
  .meta({ id: 'DeadLetterGroup' });
type GroupView = z.infer<typeof GroupView>;
const GroupList = z.object({ items: z.array(GroupView) }).meta({ id: 'DeadLetterGroupList' });
const GroupsQuery = z.strictObject({ status: z.enum(letterStatuses).default('parked') });
type GroupsQuery = z.infer<typeof GroupsQuery>;

/** Past this many, a person needs another question than a list. */
const mostGroups = 200;

@ApiTags('dead letters')
@ForOperators()
@Controller('dead-letters')
export class BrowseDeadLettersController {
  constructor(
    private readonly database: DataSource,
    private readonly pages: CursorPages,
  ) {}

  @Get()
  @ApiOperation({ summary: 'List dead letters', description: 'Those that died last come first.' })
  @ApiOkResponse({ standardSchema: LetterList })
  async listDeadLetters(
    @Query({ schema: BrowseQuery }) { limit, after, ...filter }: BrowseQuery,
    @CallerParam() caller: Caller,
  ): Promise<Page<LetterView>> {
    const listing = { route: 'GET /dead-letters', caller: scopeOf(caller), filter };
    const last = this.pages.decode(after, listing);
    const rows = await this.database.query<LetterRow[]>(
      `SELECT ${letterColumns} FROM dead_letters
        WHERE ($1::text IS NULL OR queue = $1) AND ($2::text IS NULL OR type = $2) AND ($3::text IS NULL OR error_kind = $3)
          AND ($4::text IS NULL OR status = $4) AND ($5::timestamptz IS NULL OR (died_at, id) < ($5, $6::uuid))
        ORDER BY died_at DESC, id DESC LIMIT $7`,
      [filter.queue, filter.type, filter.error, filter.status, last?.at, last?.id, limit + 1],
    );
    return this.pages.pageOf(rows, limit, listing, ({ diedAt, id }) => ({ at: diedAt, id }), letterView);
  }

  @Get('groups')
  @ApiOperation({ summary: 'Count dead letters by queue, type and error', description: `The largest groups first, at most ${mostGroups}.` })
  @ApiOkResponse({ standardSchema: GroupList })
  async listGroups(@Query({ schema: GroupsQuery }) { status }: GroupsQuery): Promise<{ items: GroupView[] }> {
    const rows = await this.database.query<(Omit<GroupView, 'firstDiedAt' | 'lastDiedAt'> & { first: Date; last: Date })[]>(
      `SELECT queue, type, reason, error_kind AS error, count(*)::integer AS count, min(died_at) AS first, max(died_at) AS last
         FROM dead_letters WHERE status = $1 GROUP BY queue, type, reason, error_kind
        ORDER BY count DESC, queue, type, error_kind LIMIT ${mostGroups}`,
      [status],
    );
    return {
      items: rows.map(({ first, last, ...row }) => ({ ...row, firstDiedAt: first.toISOString(), lastDiedAt: last.toISOString() })),
    };
  }

  @Get(':id')
  @ApiOperation({
    summary: 'Show one dead letter',
    description: 'With what it says, e-mail addresses and card numbers hidden, and with every replay and its outcome.',
  })
  @ApiOkResponse({ standardSchema: LetterWithHistoryView })
  @Refusals('dead-letter-not-found')
  async showDeadLetter(@IdParam('id', 'dead-letter-not-found') id: string): Promise<LetterWithHistoryView> {
    return this.database.transaction('REPEATABLE READ', async (manager) => {
      const [row] = await manager.query<WholeLetterRow[]>(
        `SELECT ${letterColumns}, headers, body, original_body AS "originalBody" FROM dead_letters WHERE id = $1`,
        [id],
      );
      if (!row) throw problem('dead-letter-not-found', 'There is no such dead letter.');
      const history = await manager.query<LetterHistoryRow[]>(
        `SELECT sequence, status, cause, error, replay_id AS "replayId", operator, reason, entry.at
           FROM dead_letter_history AS entry LEFT JOIN audit ON audit.id = audit_id
          WHERE dead_letter_id = $1 ORDER BY sequence`,
        [id],
      );
      return letterWithHistoryView(row, history);
    });
  }
}
