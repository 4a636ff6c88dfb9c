import { Injectable, Logger } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource } from 'typeorm';
import { v7 as uuidv7 } from 'uuid';
import { Consumes, type Answered, type AskingHandler, type MessageOf, type Transaction } from '#libs/messaging';
import { toldSeconds } from '../../metrics.js';
import { Smtp, type Mail } from './smtp.js';

type Notice = MessageOf<'notification.email'>;
type Outcome = 'sent' | 'failed';

/** A mail and its row in `notifications`. */
interface PendingMail extends Mail {
  readonly id: string;
}

/** A claim outlives the longest sending by this much, for the clocks and for cutting the connection. */
const claimMarginMs = 5_000;
/** Answers that are kept for messages that come again before their outcome is committed. */
const rememberedAnswers = 10_000;

/** Tells customers by e-mail, once per event. */
@Injectable()
export class EmailChannel implements AskingHandler<Notice, PendingMail, Outcome> {
  private readonly logger = new Logger(EmailChannel.name);
  private readonly answers = new Map<string, Promise<Outcome>>();

  constructor(
    private readonly smtp: Smtp,
    @InjectDataSource() private readonly database: DataSource,
  ) {}

  async intend(notices: readonly Notice[], tx: Transaction): Promise<ReadonlyMap<Notice, PendingMail>> {
    const byEvent = new Map(notices.map((notice) => [notice.data.eventId, notice]));
    const rows = [...byEvent.values()].map(({ data: { customer, ...notice } }) => ({
      ...notice,
      id: uuidv7(),
      customerId: customer.id,
      recipient: customer.email,
    }));
    // A row that is known and still pending is answered too: the delivery before this one did not get to the end.
    const pending: { id: string; event_id: string }[] = await tx.manager.query(
      `INSERT INTO notifications AS known (id, event_id, order_id, customer_id, kind, channel, status, recipient, subject, body, at)
       SELECT id, "eventId", "orderId", "customerId", kind, 'email', 'pending', recipient, subject, body, at
       FROM jsonb_to_recordset($1) AS notice (id uuid, "eventId" uuid, "orderId" uuid, "customerId" text, kind text, recipient text,
                                              subject text, body text, at timestamptz)
       ORDER BY "eventId"
       ON CONFLICT (event_id, channel) DO UPDATE SET status = 'pending' WHERE known.status = 'pending'
       RETURNING id, event_id`,
      [JSON.stringify(rows)],
    );
    return new Map(
      pending.map(({ id, event_id: eventId }) => {
        const notice = byEvent.get(eventId)!;
        const { customer, subject, body } = notice.data;
        return [notice, { id, eventId, recipient: customer.email, subject, body }];
      }),
    );
  }

  /**
   * Sends the mail, unless it is being sent or was sent already.
   *
   * One window is left in which it goes out twice, and SMTP leaves it open for everybody: the server has taken the mail, and this process
   * dies, or the connection does, before the 250 is read and {@link record} commits. The repeat has the same Message-ID, by which many
   * mailboxes drop it. The other choice, to mark it sent first, would lose mail in the same window.
   */
  ask(mail: PendingMail): Promise<Outcome> {
    // Messages come again when the connection to the broker is lost, also while we are still talking to the mail server about them.
    const known = this.answers.get(mail.id);
    if (known) return known;
    const answer = this.claimAndSend(mail);
    this.answers.set(mail.id, answer);
    answer.catch(() => this.answers.delete(mail.id));
    for (const oldest of this.answers.keys()) {
      if (this.answers.size <= rememberedAnswers) break;
      this.answers.delete(oldest);
    }
    return answer;
  }

  @Consumes('notification.email', { askAtOnce: 32 })
  async record(answered: readonly Answered<Notice, PendingMail, Outcome>[], tx: Transaction): Promise<void> {
    await tx.manager.query(
      `UPDATE notifications SET status = outcome.status, claimed_until = NULL, sent_at = CASE outcome.status WHEN 'sent' THEN now() END
       FROM unnest($1::uuid[], $2::text[]) AS outcome (id, status)
       WHERE notifications.id = outcome.id AND notifications.status = 'pending'`,
      [answered.map(({ intent }) => intent.id), answered.map(({ answer }) => answer)],
    );
    for (const { message, answer } of answered) {
      if (answer === 'sent') toldSeconds.observe({ channel: 'email' }, (Date.now() - Date.parse(message.data.at)) / 1000);
    }
  }

  private async claimAndSend(mail: PendingMail): Promise<Outcome> {
    await this.claim(mail.id);
    try {
      const outcome = await this.smtp.send(mail);
      if (outcome === 'failed') this.logger.warn(`notification ${mail.id}: the mail server refused its recipient for good`);
      return outcome;
    } catch (error) {
      // When this fails as well, the claim runs out by itself.
      await this.database.query('UPDATE notifications SET claimed_until = NULL WHERE id = $1', [mail.id]).catch(() => undefined);
      throw error;
    }
  }

  /**
   * Keeps other replicas from sending the same mail at the same time. After a crash the mail waits until the claim has run out.
   * @throws when another replica has it; the retry finds it sent, or free
   */
  private async claim(id: string): Promise<void> {
    const [claimed]: [unknown[], number] = await this.database.query(
      `UPDATE notifications SET claimed_until = clock_timestamp() + $2 * interval '1 ms'
       WHERE id = $1 AND status = 'pending' AND (claimed_until IS NULL OR claimed_until < clock_timestamp())
       RETURNING id`,
      [id, this.smtp.options.timeoutMs + claimMarginMs],
    );
    if (claimed.length === 0) throw new Error(`notification ${id} is in the hands of another replica`);
  }
}
