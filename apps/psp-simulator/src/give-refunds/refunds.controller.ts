import { Controller, Get, Inject, Logger, Param, Post, Query, Req, Res, UseGuards } from '@nestjs/common';
import type { HttpRequest, Reply } from '../wire/http-request.js';
import { DataSource, type EntityManager } from 'typeorm';
import { z } from 'zod';
import { Answering, type Done } from '../answering/answering.js';
import { questionOf } from '../answering/question.js';
import { bookRefund, refundView, type NewRefund, type Refund } from '../books/refunds.js';
import { SIMULATOR_CONFIG, type SimulatorConfig } from '../config.js';
import { DownGuard } from '../faults/down.guard.js';
import { Treatments } from '../faults/treatments.js';
import type { RefundAnswerName } from '../scenarios/scenarios.js';
import { Announcer } from '../webhooks/announcer.js';
import { ApiKeyGuard } from '../wire/api-key.guard.js';
import { give, said } from '../wire/answer.js';
import { Amount, Limit, Metadata, readParameters } from '../wire/parameters.js';
import { resourceMissing } from '../wire/stripe-error.js';

/** https://docs.stripe.com/api/refunds/create */
const CreateParameters = z.strictObject({
  payment_intent: z.string().max(100),
  amount: Amount.optional(),
  metadata: Metadata.default({}),
});

/** https://docs.stripe.com/api/refunds/list */
const ListParameters = z.strictObject({
  payment_intent: z.string().max(100).optional(),
  starting_after: z.string().max(100).optional(),
  limit: Limit,
});

@Controller('v1/refunds')
@UseGuards(ApiKeyGuard, DownGuard)
export class RefundsController {
  private readonly logger = new Logger(RefundsController.name);

  constructor(
    private readonly books: DataSource,
    private readonly answering: Answering,
    private readonly treatments: Treatments,
    private readonly announcer: Announcer,
    @Inject(SIMULATOR_CONFIG) private readonly config: SimulatorConfig,
  ) {}

  @Post()
  async create(@Req() request: HttpRequest, @Res() reply: Reply): Promise<void> {
    const { payment_intent: paymentIntent, amount: amountMinor, metadata } = readParameters(CreateParameters, request.body);
    const question = questionOf(request, reply);
    const treat = async () => this.treatments.ofRefund(question.key, await this.ordinaryOf(paymentIntent));
    const refund = { paymentIntent, amountMinor, metadata };
    give(await this.answering.answer(question, treat, (books, { answer }) => this.giveBack(books, refund, answer)), reply);
  }

  @Get()
  async list(@Query() query: unknown, @Res() reply: Reply): Promise<void> {
    const { payment_intent: intentId, starting_after: after, limit } = readParameters(ListParameters, query);
    const found: Refund[] = await this.books.query(
      `SELECT * FROM refunds
       WHERE ($1::text IS NULL OR payment_intent = $1)
         AND ($2::text IS NULL OR (created_at, id) < (SELECT created_at, id FROM refunds WHERE id = $2))
       ORDER BY created_at DESC, id DESC LIMIT $3`,
      [intentId ?? null, after ?? null, limit + 1],
    );
    give(said({ object: 'list', url: '/v1/refunds', has_more: found.length > limit, data: found.slice(0, limit).map(refundView) }), reply);
  }

  @Get(':id')
  async retrieve(@Param('id') id: string, @Query() query: unknown, @Res() reply: Reply): Promise<void> {
    readParameters(z.strictObject({}), query);
    const [refund]: Refund[] = await this.books.query('SELECT * FROM refunds WHERE id = $1', [id]);
    if (!refund) throw resourceMissing('refund', 'refund');
    give(said(refundView(refund)), reply);
  }

  /** What the payment's own method says of its refunds. */
  private async ordinaryOf(intentId: string): Promise<RefundAnswerName> {
    const [intent]: { refunds: RefundAnswerName | null }[] = await this.books.query('SELECT refunds FROM payment_intents WHERE id = $1', [
      intentId,
    ]);
    return intent?.refunds ?? 'approve';
  }

  private async giveBack(books: EntityManager, wanted: NewRefund, answer: RefundAnswerName): Promise<Done> {
    const { refund, intent } = await bookRefund(books, wanted, answer, this.config.PROCESSING_MS);
    const deliveries = await this.announcer.announceRefund(books, refund, intent, 'refund.created');
    this.logger.log(`${refund.id} ${refund.status}, by ${answer}`);
    return { status: 200, body: refundView(refund), deliveries };
  }
}
