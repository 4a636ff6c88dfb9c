import { Controller, Get, HttpCode, Inject, Logger, Param, Post, Query, Req, Res, UseGuards } from '@nestjs/common';
import type { HttpRequest, Reply } from '../wire/http-request.js';
import { DataSource, type EntityManager } from 'typeorm';
import { Answering, type Done } from '../answering/answering.js';
import { questionOf } from '../answering/question.js';
import {
  bookPaymentIntent,
  declineError,
  lockPaymentIntent,
  paymentIntentView,
  type NewPaymentIntent,
  type PaymentIntent,
} from '../books/payment-intents.js';
import { SIMULATOR_CONFIG, type SimulatorConfig } from '../config.js';
import { DownGuard } from '../faults/down.guard.js';
import { Treatments } from '../faults/treatments.js';
import { scenarioOf, type Scenario } from '../scenarios/scenarios.js';
import { Announcer } from '../webhooks/announcer.js';
import { ApiKeyGuard } from '../wire/api-key.guard.js';
import { give, said } from '../wire/answer.js';
import { readParameters } from '../wire/parameters.js';
import { invalidRequest, resourceMissing } from '../wire/stripe-error.js';
import { CreateParameters, metadataSought, NoParameters, SearchParameters } from './payment-intents.parameters.js';

const ordinary = async () => ({ words: { answer: 'approve' } as const, times: 1 });

@Controller('v1/payment_intents')
@UseGuards(ApiKeyGuard, DownGuard)
export class PaymentIntentsController {
  private readonly logger = new Logger(PaymentIntentsController.name);

  constructor(
    private readonly books: DataSource,
    private readonly answering: Answering,
    private readonly treatments: Treatments,
    private readonly announcer: Announcer,
    @Inject(SIMULATOR_CONFIG) private readonly config: SimulatorConfig,
  ) {}

  @Post()
  async create(@Req() request: HttpRequest, @Res() reply: Reply): Promise<void> {
    const { payment_method: method, confirm, ...given } = readParameters(CreateParameters, request.body);
    const intent = { amountMinor: given.amount, currency: given.currency, paymentMethod: method, metadata: given.metadata };
    const question = questionOf(request, reply);
    const scenario = method === undefined ? undefined : scenarioOf(method);
    // Without the control endpoint nobody could let go of what is held.
    const unknown = !scenario || (scenario.answer === 'held' && !this.config.FAULTS_ENABLED);
    if (method !== undefined && unknown) throw resourceMissing('PaymentMethod', 'payment_method', 400);
    if (!confirm) {
      give(await this.answering.answer(question, ordinary, (books) => this.leaveUnconfirmed(books, intent)), reply);
      return;
    }
    if (!scenario || method === undefined) {
      throw invalidRequest('A payment method is needed to confirm.', { code: 'parameter_missing', param: 'payment_method' });
    }
    const treat = () => this.treatments.ofPayment(question.key, method, scenario);
    give(await this.answering.answer(question, treat, (books, words) => this.take(books, intent, words)), reply);
  }

  @Get('search')
  async search(@Query() query: unknown, @Res() reply: Reply): Promise<void> {
    const { query: clause, limit } = readParameters(SearchParameters, query);
    const found: PaymentIntent[] = await this.books.query(
      `SELECT * FROM payment_intents WHERE metadata @> $1 AND created_at <= now() - $2 * interval '1 millisecond'
       ORDER BY created_at DESC, id LIMIT $3`,
      [metadataSought(clause), this.config.SEARCH_LAG_MS, limit + 1],
    );
    const data = found.slice(0, limit).map(paymentIntentView);
    give(
      said({ object: 'search_result', url: '/v1/payment_intents/search', has_more: found.length > limit, next_page: null, data }),
      reply,
    );
  }

  @Get(':id')
  async retrieve(@Param('id') id: string, @Query() query: unknown, @Res() reply: Reply): Promise<void> {
    readParameters(NoParameters, query);
    const [intent]: PaymentIntent[] = await this.books.query('SELECT * FROM payment_intents WHERE id = $1', [id]);
    if (!intent) throw resourceMissing('payment_intent', 'intent');
    give(said(paymentIntentView(intent)), reply);
  }

  @Post(':id/cancel')
  @HttpCode(200)
  async cancel(@Param('id') id: string, @Req() request: HttpRequest, @Res() reply: Reply): Promise<void> {
    readParameters(NoParameters, request.body);
    give(await this.answering.answer(questionOf(request, reply), ordinary, (books) => this.end(books, id)), reply);
  }

  private async leaveUnconfirmed(books: EntityManager, intent: NewPaymentIntent): Promise<Done> {
    const booked = await bookPaymentIntent(books, intent, undefined, 0);
    return { status: 200, body: paymentIntentView(booked), deliveries: await this.announcer.announceIntent(books, booked) };
  }

  private async take(books: EntityManager, intent: NewPaymentIntent, scenario: Scenario): Promise<Done> {
    const booked = await bookPaymentIntent(books, intent, scenario, this.config.PROCESSING_MS);
    const deliveries = await this.announcer.announceIntent(books, booked);
    this.logger.log(`${booked.id} ${booked.status}, by ${scenario.answer}, ${scenario.webhooks}`);
    const view = paymentIntentView(booked);
    const attemptId = booked.metadata['attempt_id'];
    const done = { deliveries, ...(attemptId && { attemptId }) };
    return booked.status === 'requires_payment_method'
      ? { status: 402, body: { error: { ...declineError(booked), payment_intent: view } }, ...done }
      : { status: 200, body: view, ...done };
  }

  private async end(books: EntityManager, id: string): Promise<Done> {
    const intent = await lockPaymentIntent(books, id);
    if (intent.status === 'succeeded' || intent.status === 'canceled') {
      throw invalidRequest(`You cannot cancel this PaymentIntent because it has a status of ${intent.status}.`, {
        code: 'payment_intent_unexpected_state',
      });
    }
    const [[canceled]]: [PaymentIntent[], number] = await books.query(
      `UPDATE payment_intents SET status = 'canceled', canceled_at = now(), decides_at = NULL WHERE id = $1 RETURNING *`,
      [id],
    );
    const deliveries = await this.announcer.announceIntent(books, canceled!);
    this.logger.log(`${id} canceled`);
    return { status: 200, body: paymentIntentView(canceled!), deliveries };
  }
}
