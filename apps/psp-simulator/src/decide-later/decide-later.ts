import { Injectable, Logger, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import type { PaymentIntent } from '../books/payment-intents.js';
import type { Refund } from '../books/refunds.js';
import { Rounds } from '../rounds.js';
import { Announcer } from '../webhooks/announcer.js';
import { WebhookSender } from '../webhooks/webhook-sender.js';

/** Lets what is processing succeed when its time has come, and announces that. */
@Injectable()
export class DecideLater implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly rounds = new Rounds(() => this.decideDue(), new Logger(DecideLater.name));

  constructor(
    private readonly books: DataSource,
    private readonly announcer: Announcer,
    private readonly sender: WebhookSender,
  ) {}

  onApplicationBootstrap(): void {
    this.rounds.start();
  }

  onModuleDestroy(): Promise<void> {
    return this.rounds.stop();
  }

  private async decideDue(): Promise<void> {
    const decided = await this.books.transaction(async (books) => (await this.capture(books)) + (await this.refund(books)));
    if (decided > 0) this.sender.wake();
  }

  private async capture(books: EntityManager): Promise<number> {
    const [intents]: [PaymentIntent[], number] = await books.query(
      `UPDATE payment_intents SET status = 'succeeded', amount_received_minor = amount_minor, decides_at = NULL
       WHERE id IN (SELECT id FROM payment_intents WHERE decides_at <= now() FOR UPDATE SKIP LOCKED)
       RETURNING *`,
    );
    for (const intent of intents) await this.announcer.announceIntent(books, intent);
    return intents.length;
  }

  private async refund(books: EntityManager): Promise<number> {
    const [refunds]: [Refund[], number] = await books.query(
      `UPDATE refunds SET status = 'succeeded', decides_at = NULL
       WHERE id IN (SELECT id FROM refunds WHERE decides_at <= now() FOR UPDATE SKIP LOCKED)
       RETURNING *`,
    );
    for (const refund of refunds) {
      const [intent]: PaymentIntent[] = await books.query('SELECT * FROM payment_intents WHERE id = $1', [refund.payment_intent]);
      await this.announcer.announceRefund(books, refund, intent!, 'refund.updated');
    }
    return refunds.length;
  }
}
