import { Controller, Get } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { DataSource } from 'typeorm';
import { z } from 'zod';
import { HappeningKind, isUuid, mostMessageIds, ViewNotification, ViewOrder, ViewPayment } from '#libs/contracts';
import { ForOperators, IdParam, InstantView, MoneyView, problem, Refusals } from '#libs/http';
import { NoAnswer, Queries } from '#libs/messaging';
import { redact } from '../redaction/redact.js';
import { tellConversation, type Recorded, type Side } from './conversation.js';

const ConversationView = z
  .object({
    orderId: z.uuid(),
    order: z
      .object({ id: z.uuid(), status: z.string(), total: MoneyView, placedAt: InstantView, paymentDeadline: InstantView })
      .nullable()
      .meta({ description: 'Null when the order service does not know it, or does not answer.' }),
    entries: z
      .array(
        z.object({
          at: InstantView,
          source: z.string().meta({ description: 'The service that it happened in.' }),
          kind: z.enum([...HappeningKind.options, 'dead-letter']),
          what: z.string(),
          id: z.string(),
          causedBy: z.string().optional().meta({ description: 'The `id` of what made it necessary, as far as anybody knows.' }),
          details: z.record(z.string(), z.unknown()).optional(),
        }),
      )
      .meta({ description: 'In the order of time, and never before its cause.' }),
    gaps: z.array(z.object({ source: z.string(), reason: z.string() })).meta({ description: 'Who has not told their part, and why.' }),
  })
  .meta({ id: 'Conversation', description: 'Everything that happened to one order' });
type ConversationView = z.infer<typeof ConversationView>;

/** The most of each kind that is read here. */
const most = 500;

@ApiTags('conversations')
@ForOperators()
@Controller('conversations')
export class ConversationsController {
  constructor(
    private readonly database: DataSource,
    private readonly queries: Queries,
  ) {}

  @Get(':orderId')
  @ApiOperation({
    summary: 'Show what happened to one order',
    description: 'By every service, and by the audit trail. A service that does not answer within 2 s is named among the gaps.',
  })
  @ApiOkResponse({ standardSchema: ConversationView })
  @Refusals('order-not-found')
  async showConversation(@IdParam('orderId', 'order-not-found') orderId: string): Promise<ConversationView> {
    const [trail, deadLetters] = [await this.trailOf(orderId), await this.deadLettersOf(orderId)];
    const ids = [
      ...trail.flatMap(({ messageId, causationId }) => [messageId, causationId]),
      ...deadLetters.map(({ causedBy }) => causedBy),
    ];
    const question = { orderId, messageIds: [...new Set(ids.filter(isUuid))].slice(0, mostMessageIds) };
    const gaps: ConversationView['gaps'] = [];
    const orGap = async <Answer>(source: string, answer: Promise<Answer>): Promise<Answer | undefined> =>
      answer.catch((error: unknown) => {
        if (!(error instanceof NoAnswer)) throw error;
        gaps.push({ source, reason: error.message });
        return undefined;
      });
    const [order, payment, notification] = await Promise.all([
      orGap('order', this.queries.ask(ViewOrder, question)),
      orGap('payment', this.queries.ask(ViewPayment, question)),
      orGap('notification', this.queries.ask(ViewNotification, question)),
    ]);
    const sides: Side[] = [
      { source: 'order', happened: order?.happened ?? [] },
      { source: 'payment', happened: payment?.happened ?? [] },
      { source: 'notification', happened: notification?.happened ?? [] },
      { source: 'console', happened: deadLetters },
    ];
    const entries = tellConversation(sides, trail);
    if (entries.length === 0 && gaps.length === 0) throw problem('order-not-found', 'Nobody knows of such an order.');
    return redact({ orderId, order: order?.order ?? null, entries, gaps }) as ConversationView;
  }

  private async trailOf(orderId: string): Promise<Recorded[]> {
    const rows = await this.database.query<(Omit<Recorded, 'data'> & { data: string | null })[]>(
      `SELECT message_id AS "messageId", type, coalesce(regexp_replace(source, '^/orderly/', ''), 'unknown') AS source, said_at AS at,
              causation_id AS "causationId", sequence, data
         FROM audit_trail WHERE subject = $1 ORDER BY said_at LIMIT $2`,
      [orderId, most],
    );
    return rows.map(({ data, ...row }) => ({ ...row, data: data === null ? null : (JSON.parse(data) as unknown) }));
  }

  private async deadLettersOf(orderId: string): Promise<Side['happened'][number][]> {
    const rows = await this.database.query<
      { id: string; messageId: string; queue: string; status: string; reason: string; error: string; at: Date }[]
    >(
      `SELECT id, message_id AS "messageId", queue, status, reason, error, died_at AS at
         FROM dead_letters WHERE subject = $1 ORDER BY died_at LIMIT $2`,
      [orderId, most],
    );
    return rows.map(({ id, messageId, queue, status, reason, error, at }) => ({
      at: at.toISOString(),
      kind: 'dead-letter',
      what: `${queue} gave it up: ${status}`,
      id,
      causedBy: messageId,
      details: { queue, status, reason, error },
    }));
  }
}
