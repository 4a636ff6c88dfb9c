import { Body, Controller, Get, HttpCode, Injectable, Inject, Post, Put, UseGuards, type CanActivate } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { SIMULATOR_CONFIG, type SimulatorConfig } from '../config.js';
import { Faults } from '../faults/faults.js';
import { HeldAnswers } from '../faults/held-answers.js';
import { WebhookSender } from '../webhooks/webhook-sender.js';
import { readParameters } from '../wire/parameters.js';
import { resourceMissing, unrecognizedUrl } from '../wire/stripe-error.js';
import { OperatorGuard } from './operator.guard.js';
import { FaultParameters, ReleaseParameters } from './faults.parameters.js';

/** The control endpoint is not there unless it is wanted. */
@Injectable()
class OnlyWhenEnabled implements CanActivate {
  constructor(@Inject(SIMULATOR_CONFIG) private readonly config: SimulatorConfig) {}

  canActivate(): boolean {
    if (this.config.FAULTS_ENABLED) return true;
    throw unrecognizedUrl();
  }
}

/** Where a test or a demo says how the simulator is to misbehave. Stripe has nothing like it. */
@Controller('_faults')
@UseGuards(OnlyWhenEnabled, OperatorGuard)
export class FaultsController {
  constructor(
    private readonly books: DataSource,
    private readonly faults: Faults,
    private readonly heldAnswers: HeldAnswers,
    private readonly sender: WebhookSender,
  ) {}

  @Put()
  async set(@Body() body: unknown): Promise<object> {
    await this.faults.set(readParameters(FaultParameters, body));
    return this.show();
  }

  @Get()
  async show(): Promise<object> {
    return { ...this.faults.settings, counts: await this.faults.counts() };
  }

  /** Lets go what a payment with `pm_sim_held` holds back. A webhook can be released again, and is then delivered again. */
  @Post('release')
  @HttpCode(200)
  async release(@Body() body: unknown): Promise<object> {
    const { attemptId, what } = readParameters(ReleaseParameters, body);
    if (what === 'webhook') return { released: what, ...(await this.sender.sendNow(await this.heldDelivery(attemptId))) };
    if (!this.heldAnswers.release(attemptId, what)) throw resourceMissing('held answer', 'attemptId');
    return { released: what };
  }

  private async heldDelivery(attemptId: string): Promise<number> {
    const [delivery]: { id: number }[] = await this.books.query(
      `SELECT deliveries.id FROM payment_intents
       JOIN events ON events.payment_intent = payment_intents.id AND events.type = 'payment_intent.succeeded'
       JOIN deliveries ON deliveries.event_id = events.id
       WHERE answer = 'held' AND metadata @> $1`,
      [{ attempt_id: attemptId }],
    );
    if (!delivery) throw resourceMissing('held webhook', 'attemptId');
    return delivery.id;
  }
}
