import { Inject, Injectable, Logger, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { Stripe } from 'stripe';
import { DataSource } from 'typeorm';
import { unixSeconds } from '../books/payment-intents.js';
import { SIMULATOR_CONFIG, type SimulatorConfig } from '../config.js';
import { sentWebhooks } from '../metrics.js';
import { Rounds } from '../rounds.js';
import { pauseMs } from './delivery-plan.js';
import { signatureOf, type Signing } from './signature.js';

/** A delivery that this process has taken upon itself, with its event. */
interface Delivery {
  readonly id: number;
  readonly signing: Signing;
  /** This one included. */
  readonly tries: number;
  readonly event_id: string;
  readonly type: string;
  readonly object: object;
  readonly created_at: Date;
}

/** What the receiver said: an HTTP status, or why there is none. */
export type Receipt = { readonly status: number } | { readonly status: null; readonly why: string };

const atOnce = 64;

/**
 * Sends webhooks until they are received, and gives up after WEBHOOK_TRIES. The queue is a table, so it outlives the process: one that dies
 * while it sends leaves its deliveries due again a little later.
 */
@Injectable()
export class WebhookSender implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly logger = new Logger(WebhookSender.name);
  private readonly rounds = new Rounds(() => this.sendDue(), this.logger);
  private readonly sending = new Set<Promise<unknown>>();
  private readonly awaited = new Map<number, () => void>();

  constructor(
    private readonly books: DataSource,
    @Inject(SIMULATOR_CONFIG) private readonly config: SimulatorConfig,
  ) {}

  onApplicationBootstrap(): void {
    this.rounds.start();
  }

  async onModuleDestroy(): Promise<void> {
    await this.rounds.stop();
    for (const settle of this.awaited.values()) settle();
    await Promise.all(this.sending);
  }

  /** Something is due: look now. */
  wake(): void {
    this.rounds.wake();
  }

  /** Settles when a delivery was received or given up. Ask before its transaction commits, as it may be sent at once. */
  ended(delivery: number): Promise<void> {
    return new Promise((settle) => this.awaited.set(delivery, settle));
  }

  /** Tries a delivery now, whenever it was due. */
  async sendNow(id: number): Promise<Receipt> {
    const [delivery] = await this.claim('id = $2', id, 1);
    if (!delivery) throw new Error(`there is no delivery ${id}`);
    return this.send(delivery);
  }

  private async sendDue(): Promise<void> {
    while (this.sending.size < atOnce) {
      const free = atOnce - this.sending.size;
      const claimed = await this.claim(
        `due_at <= $2 AND (after IS NULL OR EXISTS (
           SELECT FROM deliveries earlier WHERE earlier.id = deliveries.after AND coalesce(earlier.delivered_at, earlier.given_up_at) IS NOT NULL
         ))`,
        new Date(),
        free,
      );
      for (const delivery of claimed) {
        const work: Promise<unknown> = this.send(delivery)
          .catch((error: Error) => this.logger.warn(`what became of a webhook could not be noted: ${error.message}`))
          .finally(() => {
            this.sending.delete(work);
            this.wake();
          });
        this.sending.add(work);
      }
      if (claimed.length < free) return;
    }
  }

  /** Takes deliveries upon this process, for as long as sending one may take. */
  private claim(which: string, parameter: unknown, most: number): Promise<Delivery[]> {
    return this.books.query(
      `WITH claimed AS (
         UPDATE deliveries SET tries = tries + 1, due_at = now() + $1 * interval '1 millisecond'
         WHERE id IN (SELECT id FROM deliveries WHERE ${which} ORDER BY due_at, id LIMIT $3 FOR UPDATE SKIP LOCKED)
         RETURNING id, signing, tries, event_id
       )
       SELECT claimed.*, type, object, created_at FROM claimed JOIN events ON events.id = event_id ORDER BY claimed.id`,
      [this.config.WEBHOOK_TIMEOUT_MS + 2_000, parameter, most],
    );
  }

  private async send(delivery: Delivery): Promise<Receipt> {
    const receipt = await this.post(delivery);
    const received = receipt.status !== null && receipt.status >= 200 && receipt.status < 300;
    // Forgers, and whoever plays a recording, do not insist.
    const last = delivery.tries >= (delivery.signing === 'genuine' ? this.config.WEBHOOK_TRIES : 1);
    const { WEBHOOK_FIRST_PAUSE_MS: first, WEBHOOK_LONGEST_PAUSE_MS: longest } = this.config;
    await this.books.query(
      `UPDATE deliveries SET last_status = $2,
         delivered_at = CASE WHEN $3 THEN now() END,
         given_up_at = CASE WHEN $4 THEN now() END,
         due_at = CASE WHEN NOT $3 AND NOT $4 THEN now() + $5 * interval '1 millisecond' END
       WHERE id = $1`,
      [delivery.id, receipt.status, received, !received && last, pauseMs(delivery.tries, first, longest, Math.random())],
    );
    const outcome = received ? 'delivered' : last ? 'given_up' : 'failed';
    sentWebhooks.inc({ outcome });
    const detail = receipt.status === null ? receipt.why : `HTTP ${receipt.status}`;
    this.logger.debug(`${delivery.type} ${delivery.event_id}, try ${delivery.tries}: ${outcome} (${detail})`);
    if (received || last) {
      this.awaited.get(delivery.id)?.();
      this.awaited.delete(delivery.id);
    }
    return receipt;
  }

  private async post(delivery: Delivery): Promise<Receipt> {
    if (this.config.WEBHOOK_URL === undefined) return { status: null, why: 'WEBHOOK_URL is not set' };
    const body = JSON.stringify(eventView(delivery));
    try {
      const response = await fetch(this.config.WEBHOOK_URL, {
        method: 'POST',
        headers: {
          'content-type': 'application/json; charset=utf-8',
          'stripe-signature': signatureOf(body, this.config.WEBHOOK_SECRET, new Date(), delivery.signing),
        },
        body,
        redirect: 'manual',
        signal: AbortSignal.timeout(this.config.WEBHOOK_TIMEOUT_MS),
      });
      await response.body?.cancel();
      return { status: response.status };
    } catch (error) {
      const { message, cause } = error as Error;
      return { status: null, why: cause instanceof Error ? cause.message || (cause as NodeJS.ErrnoException).code || message : message };
    }
  }
}

/** The object of Stripe's API. https://docs.stripe.com/api/events/object */
function eventView({ event_id: id, type, object, created_at }: Delivery): object {
  return {
    id,
    object: 'event',
    api_version: Stripe.API_VERSION,
    created: unixSeconds(created_at),
    data: { object },
    livemode: false,
    pending_webhooks: 1,
    request: { id: null, idempotency_key: null },
    type,
  };
}
