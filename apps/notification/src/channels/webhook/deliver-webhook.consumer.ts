import { Inject, Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { DeliverWebhook, WebhookEndpointDisabled } from '#libs/contracts';
import {
  Consumes,
  MessageOutcomes,
  UnderWayElsewhere,
  type Answered,
  type AskingHandler,
  type MessageOf,
  type Transaction,
} from '#libs/messaging';
import { NOTIFICATION_CONFIG, type NotificationConfig } from '../../config.js';
import { webhookTries } from '../../metrics.js';
import { EndpointSecrets } from './endpoint-secrets.js';
import { nextStep, type NextStep, type TryResult } from './next-step.js';
import { WebhookSender } from './webhook-sender.js';

type Wish = MessageOf<'notification.deliver-webhook'>;
type TryAnswered = Answered<Wish, PendingTry, TryResult | 'busy'>;

interface PendingTry {
  readonly deliveryId: string;
  readonly endpointId: string;
  readonly attempt: number;
  /** Tries since the delivery began, or was begun anew. */
  readonly rung: number;
}

/** A try, and what follows from it. */
interface Step {
  readonly tried: PendingTry;
  readonly result: TryResult;
  readonly next: NextStep;
  readonly message: Wish;
}

interface ClaimedRow {
  readonly url: string;
  readonly secret: Buffer;
  readonly payload: string;
}

const queue = 'notification.deliver-webhook';

/** A claim outlives the longest try by this much, for the clocks and for the commit of what came of it. */
const claimMarginMs = 5_000;

/** When an endpoint is looked at again that had its hands full. */
const busySeconds = 5;

/**
 * Makes one try of one delivery, notes it, and sends the next one ahead to when it is due. That a receiver fails is an outcome, and no
 * failure of ours: it uses up no retry of the queue, and is no dead letter.
 */
@Injectable()
export class DeliverWebhookConsumer implements AskingHandler<Wish, PendingTry, TryResult | 'busy'> {
  /** Tries that are under way, by endpoint. */
  private readonly underWay = new Map<string, number>();

  constructor(
    private readonly sender: WebhookSender,
    private readonly secrets: EndpointSecrets,
    private readonly database: DataSource,
    private readonly outcomes: MessageOutcomes,
    @Inject(NOTIFICATION_CONFIG) private readonly config: NotificationConfig,
  ) {}

  async intend(wishes: readonly Wish[], tx: Transaction): Promise<ReadonlyMap<Wish, PendingTry>> {
    const ids = wishes.map(({ data }) => data.deliveryId);
    // Whom its endpoint's being disabled has left waiting. What is under way may be accepted yet.
    await tx.manager.query(
      `UPDATE webhook_deliveries AS delivery SET status = 'failed', next_attempt_at = NULL, claimed_until = NULL
         FROM webhook_endpoints AS endpoint
        WHERE delivery.id = ANY($1::uuid[]) AND delivery.status = 'pending' AND endpoint.id = endpoint_id AND endpoint.status = 'disabled'
          AND (claimed_until IS NULL OR claimed_until < clock_timestamp())`,
      [ids],
    );
    const rows: { id: string; endpoint_id: string; attempts: number; rung: number }[] = await tx.manager.query(
      `SELECT id, endpoint_id, attempts, rung FROM webhook_deliveries WHERE id = ANY($1::uuid[]) AND status = 'pending'`,
      [ids],
    );
    const pending = new Map(rows.map((row) => [row.id, row]));
    const intents = new Map<Wish, PendingTry>();
    for (const wish of wishes) {
      const { deliveryId, attempt } = wish.data;
      const row = pending.get(deliveryId);
      if (row?.attempts === attempt - 1) intents.set(wish, { deliveryId, endpointId: row.endpoint_id, attempt, rung: row.rung });
      else this.outcomes.tooLate(queue, wish, tx);
    }
    return intents;
  }

  /**
   * One try, unless as many as may be are under way at its endpoint.
   *
   * It is sent twice when this process dies, or loses the database, between the answer and {@link record}: with the same `webhook-id`.
   *
   * @throws UnderWayElsewhere when it is being sent; the next look finds it done, or free
   */
  async ask(tried: PendingTry): Promise<TryResult | 'busy'> {
    const { endpointId } = tried;
    const before = this.underWay.get(endpointId) ?? 0;
    if (before >= this.config.WEBHOOK_AT_ONCE) return 'busy';
    this.underWay.set(endpointId, before + 1);
    try {
      return await this.makeTry(tried);
    } finally {
      const left = this.underWay.get(endpointId)! - 1;
      if (left > 0) this.underWay.set(endpointId, left);
      else this.underWay.delete(endpointId);
    }
  }

  @Consumes('notification.deliver-webhook', { askAtOnce: 64 })
  async record(answered: readonly TryAnswered[], tx: Transaction): Promise<void> {
    const steps: Step[] = [];
    const busy: TryAnswered[] = [];
    for (const one of answered) {
      const { message, intent: tried, answer: result } = one;
      if (result === 'busy') busy.push(one);
      else steps.push({ tried, result, message, next: nextStep(result, tried.rung, this.config.WEBHOOK_RETRY_SECONDS) });
    }
    await this.postpone(busy, tx);
    const noted = await this.note(steps, tx);
    for (const { message, tried, next } of noted) {
      if (next.kind === 'retry') this.sendAhead(message, tried.attempt + 1, next.afterSeconds, tx);
    }
    await this.judgeEndpoints(noted, tx);
    tx.afterCommit(() => {
      webhookTries.inc({ outcome: 'postponed' }, busy.length);
      for (const { next } of noted) webhookTries.inc({ outcome: next.kind === 'retry' ? 'retried' : next.kind });
    });
  }

  private async makeTry({ deliveryId, endpointId, attempt }: PendingTry): Promise<TryResult> {
    const [[claimed]]: [ClaimedRow[], number] = await this.database.query(
      `UPDATE webhook_deliveries AS delivery SET claimed_until = clock_timestamp() + $3 * interval '1 ms'
         FROM webhook_endpoints AS endpoint
        WHERE delivery.id = $1 AND delivery.status = 'pending' AND attempts = $2
          AND (claimed_until IS NULL OR claimed_until < clock_timestamp())
          AND endpoint.id = endpoint_id AND endpoint.status = 'enabled'
       RETURNING url, secret, payload`,
      [deliveryId, attempt - 1, this.sender.timeoutMs + claimMarginMs],
    );
    if (!claimed) throw new UnderWayElsewhere(`webhook delivery ${deliveryId} is being sent already`);
    const secret = this.openSecret(claimed.secret, endpointId);
    if (secret === undefined) return { at: new Date(), durationMs: 0, error: 'unreadable-secret' };
    return this.sender.send({ id: deliveryId, url: claimed.url, payload: claimed.payload, secret });
  }

  private openSecret(sealed: Buffer, endpointId: string): string | undefined {
    try {
      return this.secrets.open(sealed, endpointId);
    } catch {
      return undefined;
    }
  }

  /** The same try a little later. */
  private async postpone(busy: readonly TryAnswered[], tx: Transaction): Promise<void> {
    if (busy.length === 0) return;
    await tx.manager.query(
      `UPDATE webhook_deliveries SET next_attempt_at = clock_timestamp() + $2 * interval '1 s' WHERE id = ANY($1::uuid[]) AND status = 'pending'`,
      [busy.map(({ intent }) => intent.deliveryId), busySeconds],
    );
    for (const { message, intent } of busy) this.sendAhead(message, intent.attempt, busySeconds, tx);
  }

  /** Writes the tries down; answers those that were not written down before. */
  private async note(steps: readonly Step[], tx: Transaction): Promise<Step[]> {
    if (steps.length === 0) return [];
    const rows = steps.map(({ tried: { deliveryId, attempt }, result: { at, durationMs, answerStatus, error }, next }) => ({
      delivery_id: deliveryId,
      number: attempt,
      at,
      duration_ms: durationMs,
      answer_status: answerStatus,
      error,
      status: next.kind === 'retry' ? 'pending' : next.kind,
      after_seconds: next.kind === 'retry' ? next.afterSeconds : undefined,
    }));
    const noted: { id: string }[] = await tx.manager.query(
      `WITH step AS (
         SELECT * FROM jsonb_to_recordset($1) AS step (delivery_id uuid, number int, at timestamptz, duration_ms int, answer_status smallint,
                                                       error text, status text, after_seconds int)
       ), noted AS (
         UPDATE webhook_deliveries AS delivery
            SET attempts = step.number, rung = rung + 1, status = step.status, claimed_until = NULL,
                next_attempt_at = clock_timestamp() + after_seconds * interval '1 s'
           FROM step WHERE delivery.id = step.delivery_id AND delivery.status = 'pending' AND delivery.attempts = step.number - 1
         RETURNING delivery.id
       ), logged AS (
         INSERT INTO webhook_attempts (delivery_id, number, at, duration_ms, answer_status, error)
         SELECT delivery_id, number, at, duration_ms, answer_status, error FROM step JOIN noted ON noted.id = delivery_id
       )
       SELECT id FROM noted`,
      [JSON.stringify(rows)],
    );
    const isNoted = new Set(noted.map(({ id }) => id));
    return steps.filter(({ tried }) => isNoted.has(tried.deliveryId));
  }

  private sendAhead(message: Wish, attempt: number, afterSeconds: number, tx: Transaction): void {
    const { deliveryId, orderId } = message.data;
    const due = new Date(Date.now() + afterSeconds * 1000);
    tx.publish(DeliverWebhook, { deliveryId, orderId, attempt }, { subject: orderId, due, causedBy: message });
  }

  /** An endpoint that has failed too often in a row, or says that it is gone, gets nothing more; who looks after it is told. */
  private async judgeEndpoints(steps: readonly Step[], tx: Transaction): Promise<void> {
    const ended = steps.filter(({ next }) => next.kind !== 'retry');
    if (ended.length === 0) return;
    const verdicts = [...new Set(ended.map(({ tried }) => tried.endpointId))].toSorted().map((id) => {
      const own = ended.filter(({ tried }) => tried.endpointId === id).map(({ next }) => next);
      return {
        id,
        failed: own.filter(({ kind }) => kind === 'failed').length,
        delivered: own.some(({ kind }) => kind === 'delivered'),
        gone: own.some((next) => next.kind === 'failed' && next.gone),
      };
    });
    const [disabled]: [{ id: string; url: string; disabled_reason: 'failing' | 'gone'; disabled_at: Date }[], number] =
      await tx.manager.query(
        `WITH verdict AS (
           SELECT * FROM jsonb_to_recordset($1) AS verdict (id uuid, failed int, delivered boolean, gone boolean)
         ), judged AS (
           SELECT endpoint.id, gone, CASE WHEN delivered THEN 0 ELSE failed_in_a_row + failed END AS in_a_row
             FROM webhook_endpoints AS endpoint JOIN verdict USING (id)
            WHERE endpoint.status = 'enabled' AND (failed > 0 OR failed_in_a_row > 0)
            ORDER BY endpoint.id FOR UPDATE OF endpoint
         )
         UPDATE webhook_endpoints AS endpoint
            SET failed_in_a_row = in_a_row,
                status = CASE WHEN gone OR in_a_row >= $2 THEN 'disabled' ELSE 'enabled' END,
                disabled_reason = CASE WHEN gone THEN 'gone' WHEN in_a_row >= $2 THEN 'failing' END,
                disabled_at = CASE WHEN gone OR in_a_row >= $2 THEN now() END
           FROM judged WHERE endpoint.id = judged.id
         RETURNING endpoint.id, url, disabled_reason, disabled_at`,
        [JSON.stringify(verdicts), this.config.WEBHOOK_DISABLE_AFTER_FAILED],
      );
    for (const { id, url, disabled_reason: reason, disabled_at: at } of disabled) {
      if (!reason) continue;
      const causedBy = ended.find(({ tried }) => tried.endpointId === id)!.message;
      tx.publish(
        WebhookEndpointDisabled,
        { endpointId: id, host: new URL(url).host, reason, at: at.toISOString() },
        { subject: id, causedBy },
      );
    }
  }
}
