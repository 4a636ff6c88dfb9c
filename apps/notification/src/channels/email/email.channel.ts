import { Injectable, Logger } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource } from 'typeorm';
import { v7 as uuidv7 } from 'uuid';
import {
  Consumes,
  Transactions,
  UnderWayElsewhere,
  type Answered,
  type AskingHandler,
  type MessageOf,
  type Transaction,
} from '#libs/messaging';
import { toldSeconds } from '../../metrics.js';
import { Smtp, type Mail } from './smtp.js';

type Notice = MessageOf<'notification.email'>;
type Outcome = 'sent' | 'failed';

/** A mail and its row in `notifications`. */
interface PendingMail extends Mail {
  readonly id: string;
  /** When its row was written, by `performance.now()`: a new row is claimed by its writer. Gone when that claim was used. */
  claimedAt: number | undefined;
}

/** A claim outlives the longest sending by this much, for the clocks and for cutting the connection. */
const claimMarginMs = 5_000;

/** So long may a mail wait for its turn and be sent by the claim that its row was written with. */
const claimedAheadMs = 1_000;

/** Tells customers by e-mail, once per event. */
@Injectable()
export class EmailChannel implements AskingHandler<Notice, PendingMail, Outcome> {
  private readonly logger = new Logger(EmailChannel.name);

  private readonly claim: (id: string) => Promise<boolean>;

  constructor(
    private readonly smtp: Smtp,
    transactions: Transactions,
    @InjectDataSource() private readonly database: DataSource,
  ) {
    this.claim = transactions.grouped((ids, tx) => this.claimTogether(ids, tx));
  }

  async intend(notices: readonly Notice[], tx: Transaction): Promise<ReadonlyMap<Notice, PendingMail>> {
    const byEvent = new Map(notices.map((notice) => [notice.data.eventId, notice]));
    const rows = [...byEvent.values()].map(({ data: { customer, ...notice } }) => ({
      ...notice,
      id: uuidv7(),
      customerId: customer.id,
      recipient: customer.email,
    }));
    const writtenAt = performance.now();
    // A row that is known and still pending is answered too: the delivery before this one did not get to the end.
    const pending: { id: string; event_id: string }[] = await tx.manager.query(
      `INSERT INTO notifications AS known (id, event_id, order_id, customer_id, kind, channel, status, recipient, subject, body, at, claimed_until)
       SELECT id, "eventId", "orderId", "customerId", kind, 'email', 'pending', recipient, subject, body, at, clock_timestamp() + $2 * interval '1 ms'
       FROM jsonb_to_recordset($1) AS notice (id uuid, "eventId" uuid, "orderId" uuid, "customerId" text, kind text, recipient text,
                                              subject text, body text, at timestamptz)
       ORDER BY "eventId"
       ON CONFLICT (event_id, channel) DO UPDATE SET status = 'pending' WHERE known.status = 'pending'
       RETURNING id, event_id`,
      [JSON.stringify(rows), claimedAheadMs + this.claimMs],
    );
    const written = new Set(rows.map(({ id }) => id));
    const mails = new Map<string, PendingMail>();
    for (const { id, event_id: eventId } of pending) {
      const { customer, subject, body } = byEvent.get(eventId)!.data;
      const claimedAt = written.has(id) ? writtenAt : undefined;
      mails.set(eventId, { id, eventId, recipient: customer.email, subject, body, claimedAt });
    }
    // Each notice of an event, not one of them: one that counts as settled here could be the message whose mail is being sent right now.
    return new Map(
      notices.flatMap((notice): [Notice, PendingMail][] => {
        const mail = mails.get(notice.data.eventId);
        return mail ? [[notice, mail]] : [];
      }),
    );
  }

  /**
   * Sends the mail, unless it is being sent or was sent already.
   *
   * One window is left in which it goes out twice, and SMTP leaves it open for everybody: the server has taken the mail, and this process
   * dies, or the connection does, before the 250 is read and {@link record} commits. The repeat has the same Message-ID, by which many
   * mailboxes drop it. The other choice, to mark it sent first, would lose mail in the same window.
   *
   * @throws UnderWayElsewhere when it is being sent; the next look finds it sent, or free
   */
  async ask(mail: PendingMail): Promise<Outcome> {
    const { claimedAt } = mail;
    mail.claimedAt = undefined;
    const isClaimed = claimedAt !== undefined && performance.now() - claimedAt < claimedAheadMs;
    if (!isClaimed && !(await this.claim(mail.id))) throw new UnderWayElsewhere(`notification ${mail.id} is being sent already`);
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
    const update = tx.manager.query(
      `UPDATE notifications SET status = outcome.status, claimed_until = NULL, sent_at = CASE outcome.status WHEN 'sent' THEN now() END
       FROM unnest($1::uuid[], $2::text[]) AS outcome (id, status)
       WHERE notifications.id = outcome.id AND notifications.status = 'pending'`,
      [answered.map(({ intent }) => intent.id), answered.map(({ answer }) => answer)],
    );
    tx.withCommit(update);
    tx.afterCommit(() => {
      for (const { message, answer } of answered) {
        if (answer === 'sent') toldSeconds.observe({ channel: 'email' }, (Date.now() - Date.parse(message.data.at)) / 1000);
      }
    });
  }

  private get claimMs(): number {
    return this.smtp.options.timeoutMs + claimMarginMs;
  }

  /**
   * Makes these sendings the only ones of their mails. A message comes again as soon as its consumer has lost the broker, to another replica
   * or to this one, while the mail server may still be busy with the mail. After a crash the mail waits until the claim has run out.
   */
  private async claimTogether(ids: readonly string[], tx: Transaction): Promise<boolean[]> {
    const [rows]: [{ id: string }[], number] = await tx.manager.query(
      `UPDATE notifications SET claimed_until = clock_timestamp() + $2 * interval '1 ms'
       WHERE id = ANY($1::uuid[]) AND status = 'pending' AND (claimed_until IS NULL OR claimed_until < clock_timestamp())
       RETURNING id`,
      [ids, this.claimMs],
    );
    const claimed = new Set(rows.map(({ id }) => id));
    // `delete`: of two sendings of one mail that came together, one has it.
    return ids.map((id) => claimed.delete(id));
  }
}
