import { Inject, Injectable, Logger } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { DeliverWebhook } from '#libs/contracts';
import { Transactions, type Transaction } from '#libs/messaging';
import { Scrapes, Sweeper } from '#libs/service';
import { NOTIFICATION_CONFIG, type NotificationConfig } from '../../config.js';
import { webhookDeliveriesWaiting, webhookEndpointsDisabled, webhookTriesLost } from '../../metrics.js';

const batch = 200;

/** The net under the tries: sends those anew whose message was lost with a queue while it waited, and counts what waits. */
@Injectable()
export class OverdueDeliveries extends Sweeper {
  private readonly logger = new Logger(OverdueDeliveries.name);

  constructor(
    private readonly transactions: Transactions,
    database: DataSource,
    scrapes: Scrapes,
    @Inject(NOTIFICATION_CONFIG) private readonly config: NotificationConfig,
  ) {
    super(config.WEBHOOK_SWEEP_INTERVAL_MS);
    scrapes.register({ waiting: webhookDeliveriesWaiting, disabled: webhookEndpointsDisabled }, async () => {
      const [row]: { waiting: number; disabled: number }[] = await database.query(
        `SELECT (SELECT count(*)::integer FROM webhook_deliveries WHERE status = 'pending') AS waiting,
                (SELECT count(*)::integer FROM webhook_endpoints WHERE status = 'disabled' AND disabled_reason <> 'operator') AS disabled`,
      );
      return row!;
    });
  }

  protected async sweepAndReport(): Promise<void> {
    try {
      const lost = await this.sweep();
      if (lost > 0) this.logger.warn(`sent ${lost} tries of webhooks anew whose messages had not come`);
    } catch (error) {
      this.logger.warn(`could not look for overdue webhooks: ${String(error)}`);
    }
  }

  /** Sends every try anew that is overdue by more than the grace; returns how many there were. */
  async sweep(): Promise<number> {
    let sent = 0;
    for (;;) {
      const found = await this.transactions.run((tx) => this.sendBatch(tx));
      sent += found;
      webhookTriesLost.inc(found);
      if (found < batch || this.stopped) return sent;
    }
  }

  /** Each time one is sent anew it gets twice as long: its queue may be standing still for a reason. */
  private async sendBatch(tx: Transaction): Promise<number> {
    const [lost]: [{ id: string; order_id: string; attempts: number }[], number] = await tx.manager.query(
      `UPDATE webhook_deliveries AS delivery SET next_attempt_at = clock_timestamp() + (clock_timestamp() - delivery.next_attempt_at)
         FROM (SELECT id FROM webhook_deliveries
                WHERE status = 'pending' AND next_attempt_at < clock_timestamp() - $1 * interval '1 s'
                  AND (claimed_until IS NULL OR claimed_until < clock_timestamp())
                ORDER BY next_attempt_at LIMIT $2 FOR UPDATE SKIP LOCKED) AS overdue
        WHERE delivery.id = overdue.id
       RETURNING delivery.id, order_id, attempts`,
      [this.config.WEBHOOK_GRACE_SECONDS, batch],
    );
    for (const { id, order_id: orderId, attempts } of lost) {
      tx.publish(DeliverWebhook, { deliveryId: id, orderId, attempt: attempts + 1 }, { subject: orderId });
    }
    return lost.length;
  }
}
