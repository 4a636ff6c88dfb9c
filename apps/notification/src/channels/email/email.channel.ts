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

/** Tells customers by e-mail, once per event. */
@Injectable()
export class EmailChannel implements AskingHandler<Notice, PendingMail, Outcome> {
  private readonly logger = new Logger(EmailChannel.name);

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
    const ids = new Map(pending.map((row) => [row.event_id, row.id]));
    // Each notice of an event, not one of them: one that counts as settled here could be the message whose mail is being sent right now.
    return new Map(
      notices.flatMap((notice) => {
        const { eventId, customer, subject, body } = notice.data;
        const id = ids.get(eventId);
        return id ? [[notice, { id, eventId, recipient: customer.email, subject, body }]] : [];
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
  async ask(mail: PendingMail): Promise<Outcome> {
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

  @Consumes('notification.email', { askAtOnce: 32 })
  async record(answered: readonly Answered<Notice, PendingMail, Outcome>[], tx: Transaction): Promise<void> {
    await tx.manager.query(
      `UPDATE notifications SET status = outcome.status, claimed_until = NULL, sent_at = CASE outcome.status WHEN 'sent' THEN now() END
       FROM unnest($1::uuid[], $2::text[]) AS outcome (id, status)
       WHERE notifications.id = outcome.id AND notifications.status = 'pending'`,
      [answered.map(({ intent }) => intent.id), answered.map(({ answer }) => answer)],
    );
    tx.afterCommit(() => {
      for (const { message, answer } of answered) {
        if (answer === 'sent') toldSeconds.observe({ channel: 'email' }, (Date.now() - Date.parse(message.data.at)) / 1000);
      }
    });
  }

  /**
   * Makes this sending the only one of its mail. A message comes again as soon as its consumer has lost the broker, to another replica or to
   * this one, while the mail server may still be busy with the mail. After a crash the mail waits until the claim has run out.
   * @throws when it is being sent; the retry finds it sent, or free
   */
  private async claim(id: string): Promise<void> {
    const [claimed]: [unknown[], number] = await this.database.query(
      `UPDATE notifications SET claimed_until = clock_timestamp() + $2 * interval '1 ms'
       WHERE id = $1 AND status = 'pending' AND (claimed_until IS NULL OR claimed_until < clock_timestamp())
       RETURNING id`,
      [id, this.smtp.options.timeoutMs + claimMarginMs],
    );
    if (claimed.length === 0) throw new Error(`notification ${id} is being sent already`);
  }
}
