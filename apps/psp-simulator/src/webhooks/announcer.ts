import { randomUUID } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { paymentIntentView, type PaymentIntent } from '../books/payment-intents.js';
import { refundView, type Refund } from '../books/refunds.js';
import { SIMULATOR_CONFIG, type SimulatorConfig } from '../config.js';
import type { WebhookName } from '../scenarios/scenarios.js';
import { deliveryPlans } from './delivery-plan.js';

/** Something that happened, with the object as it is then. */
interface News {
  readonly type: string;
  readonly object: object;
  readonly at: Date;
}

const intentEvents = {
  requires_confirmation: 'payment_intent.created',
  processing: 'payment_intent.processing',
  succeeded: 'payment_intent.succeeded',
  requires_payment_method: 'payment_intent.payment_failed',
  canceled: 'payment_intent.canceled',
} as const;

/** Writes events, and which webhooks are to tell of them, with what they tell of. */
@Injectable()
export class Announcer {
  constructor(@Inject(SIMULATOR_CONFIG) private readonly config: SimulatorConfig) {}

  /** @returns the ids of the deliveries */
  announceIntent(books: EntityManager, intent: PaymentIntent): Promise<number[]> {
    const { id, status, webhooks } = intent;
    const news = { type: intentEvents[status], object: paymentIntentView(intent), at: new Date() };
    if (intent.answer === 'held') return this.announce(books, id, news, 'held');
    if (webhooks !== 'webhookOutOfOrder' || status === 'requires_confirmation' || status === 'canceled')
      return this.announce(books, id, news, webhooks);
    // Told when it is old news.
    if (status === 'processing') return Promise.resolve([]);
    const before = { ...intent, status: 'processing', amount_received_minor: 0 } as const;
    const earlier = { type: intentEvents.processing, object: paymentIntentView(before), at: secondBefore(news.at) };
    return this.announceTurned(books, id, earlier, news);
  }

  /** @returns the ids of the deliveries */
  announceRefund(
    books: EntityManager,
    refund: Refund,
    { id, webhooks }: PaymentIntent,
    type: 'refund.created' | 'refund.updated',
  ): Promise<number[]> {
    const news = { type, object: refundView(refund), at: new Date() };
    if (webhooks !== 'webhookOutOfOrder') return this.announce(books, id, news, webhooks);
    if (refund.status === 'pending') return Promise.resolve([]);
    const earlier = { type: 'refund.created', object: refundView({ ...refund, status: 'pending' }), at: secondBefore(news.at) };
    return this.announceTurned(books, id, earlier, { ...news, type: 'refund.updated' });
  }

  /** The earlier news after the later. */
  private async announceTurned(books: EntityManager, intentId: string, earlier: News, later: News): Promise<number[]> {
    const [first] = await this.announce(books, intentId, later, 'once');
    return first === undefined ? [] : [first, ...(await this.announce(books, intentId, earlier, 'once', first))];
  }

  private async announce(
    books: EntityManager,
    intentId: string,
    { type, object, at }: News,
    how: WebhookName | 'held',
    after?: number,
  ): Promise<number[]> {
    const eventId = `evt_${randomUUID().replaceAll('-', '')}`;
    await books.query('INSERT INTO events (id, type, payment_intent, object, created_at) VALUES ($1, $2, $3, $4, $5)', [
      eventId,
      type,
      intentId,
      object,
      at,
    ]);
    const { copies, signing, when } = deliveryPlans[how];
    const delayMs = { now: 0, late: this.config.WEBHOOK_LATE_MS, held: null }[when];
    const deliveries: { id: number }[] = await books.query(
      `INSERT INTO deliveries (event_id, signing, due_at, after)
       SELECT $1, $2, now() + $3 * interval '1 millisecond', $4 FROM generate_series(1, $5)
       RETURNING id`,
      [eventId, signing, delayMs, after ?? null, this.config.WEBHOOK_URL === undefined ? 0 : copies],
    );
    return deliveries.map(({ id }) => id);
  }
}

const secondBefore = (instant: Date): Date => new Date(instant.getTime() - 1000);
