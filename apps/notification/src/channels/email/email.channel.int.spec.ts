import { randomUUID } from 'node:crypto';
import { register } from 'prom-client';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { NoticeIssued } from '#libs/contracts';
import { Transactions } from '#libs/messaging';
import { eventually } from '#libs/testing';
import { toldSeconds } from '../../metrics.js';
import { notificationFixture, type NotificationFixture } from '../../notification.spec-support.js';
import { EmailChannel } from './email.channel.js';

describe('the e-mail channel', () => {
  let service: NotificationFixture;

  beforeAll(async () => {
    service = await notificationFixture({ SMTP_TIMEOUT_SECONDS: '5' });
  }, 60_000);

  afterAll(() => service?.close(), 30_000);

  const aNotice = (changes: Partial<typeof NoticeIssued.example> = {}) => ({
    ...NoticeIssued.example,
    eventId: randomUUID(),
    orderId: randomUUID(),
    at: new Date().toISOString(),
    ...changes,
  });
  let notice = aNotice();
  beforeEach(() => {
    notice = aNotice();
  });

  const rows = (): Promise<{ status: string; sent_at: Date | null; claimed_until: Date | null }[]> =>
    service.database.query('SELECT status, sent_at, claimed_until FROM notifications WHERE event_id = $1', [notice.eventId]);
  const mails = () => service.smtp.mails.filter(({ messageId }) => messageId?.includes(notice.eventId));
  const becomes = (status: string, within = 5_000) =>
    eventually(async () => expect((await rows()).map((row) => row.status)).toEqual([status]), { within });
  const inInbox = (messageId: string) =>
    eventually(
      async () => {
        const handled = `SELECT 1 FROM inbox WHERE consumer = 'notification.email' AND message_id = $1`;
        expect(await service.database.query(handled, [messageId])).toHaveLength(1);
      },
      { within: 15_000 },
    );
  /** Messages that were sent through the delay to be tried again, by any replica in this process. */
  const retried = async (): Promise<number> => {
    const counted = (await register.getSingleMetric('orderly_messages_handled_total')?.get())?.values ?? [];
    return counted.find(({ labels }) => labels['queue'] === 'notification.email' && labels['outcome'] === 'retried')?.value ?? 0;
  };
  const insertPending = (claim: string) =>
    service.database.query(
      `INSERT INTO notifications (id, event_id, order_id, customer_id, kind, channel, status, recipient, subject, body, at, claimed_until)
       VALUES ($1, $2, $3, 'alice', 'order-paid', 'email', 'pending', 'alice@example.com', 's', 'b', now(), ${claim})`,
      [randomUUID(), notice.eventId, notice.orderId],
    );

  it('mails a notice once, though it is delivered twice and issued twice', async () => {
    const message = await service.say(NoticeIssued, notice);
    await service.say(NoticeIssued, notice, message);
    const again = await service.say(NoticeIssued, notice);
    await inInbox(again);
    await inInbox(message);
    const [row, ...more] = await rows();
    expect(more).toEqual([]);
    expect(row).toMatchObject({ status: 'sent', sent_at: expect.any(Date), claimed_until: null });
    expect(mails()).toMatchObject([{ to: 'alice@example.com', subject: 'Your order is paid' }]);
  }, 30_000);

  it('mails many notices, each once', async () => {
    const many = Array.from({ length: 100 }, () => aNotice());
    await Promise.all(many.flatMap((one) => [service.say(NoticeIssued, one, one.eventId), service.say(NoticeIssued, one, one.eventId)]));
    await eventually(
      async () => {
        const [{ sent }] = await service.database.query(
          `SELECT count(*)::int AS sent FROM notifications WHERE event_id = ANY($1) AND status = 'sent'`,
          [many.map(({ eventId }) => eventId)],
        );
        expect(sent).toBe(100);
      },
      { within: 20_000 },
    );
    for (const { eventId } of many) expect(service.smtp.mails.filter(({ messageId }) => messageId?.includes(eventId))).toHaveLength(1);
  }, 30_000);

  it('waits while the mail server is away, and mails once when it is back', async () => {
    service.smtpLine.refuse();
    service.smtpLine.cut();
    await service.say(NoticeIssued, notice);
    await becomes('pending');
    service.smtpLine.restore();
    await becomes('sent', 15_000);
    expect(mails()).toHaveLength(1);
  }, 30_000);

  it('gives up a recipient that no mail can reach, and marks it', async () => {
    notice = aNotice({ customer: { id: 'alice', email: 'Alice <alice@example.com>' } });
    await inInbox(await service.say(NoticeIssued, notice));
    await becomes('failed');
    expect(mails()).toEqual([]);
  });

  it('gives up a recipient that the mail server refuses for good', async () => {
    service.smtp.refuse(550);
    try {
      await service.say(NoticeIssued, notice);
      await becomes('failed');
      expect(mails()).toEqual([]);
    } finally {
      service.smtp.accept();
    }
  });

  it('carries on from a row that a crash left behind', async () => {
    await insertPending('NULL');
    await service.say(NoticeIssued, notice);
    await becomes('sent');
    expect(mails()).toHaveLength(1);
  });

  it('leaves a mail to whoever is sending it, until the claim has run out', async () => {
    await insertPending(`now() + interval '1 hour'`);
    const retriedBefore = await retried();
    await service.say(NoticeIssued, notice);
    await eventually(async () => expect(await retried()).toBeGreaterThan(retriedBefore));
    expect(mails()).toEqual([]);
    await service.database.query(`UPDATE notifications SET claimed_until = now() - interval '1 ms' WHERE event_id = $1`, [notice.eventId]);
    await becomes('sent', 15_000);
    expect(mails()).toHaveLength(1);
  }, 30_000);

  it('does not begin anew when the message comes again while its mail is being sent', async () => {
    service.smtpLine.hold('server-to-client');
    const message = await service.say(NoticeIssued, notice);
    await eventually(() => expect(service.smtpLine.heldBytes('server-to-client')).toBeGreaterThan(0));
    const retriedBefore = await retried();
    expect(service.brokerLine.cut(/:consume$/)).toBe(1);
    await eventually(async () => expect(await retried()).toBeGreaterThan(retriedBefore));
    service.smtpLine.restore();
    await becomes('sent');
    await inInbox(message);
    await eventually(async () => expect((await service.vhost.depth('notification.email')).messages).toBe(0));
    expect(mails()).toHaveLength(1);
  }, 30_000);

  it('counts how long it took to tell a customer when that is committed, and not before', async () => {
    await insertPending('NULL');
    const [{ id }] = await service.database.query('SELECT id FROM notifications WHERE event_id = $1', [notice.eventId]);
    const told = async () => (await toldSeconds.get()).values.find(({ metricName }) => metricName?.endsWith('_count'))?.value ?? 0;
    const before = await told();
    const answered = [{ message: { data: notice }, intent: { id }, answer: 'sent' }] as unknown as Parameters<EmailChannel['record']>[0];
    const recording = (end: () => void) =>
      service.app.get(Transactions).run(async (tx) => {
        await service.app.get(EmailChannel).record(answered, tx);
        end();
      });
    const undo = () => {
      throw new Error('undone');
    };
    await expect(recording(undo)).rejects.toThrow('undone');
    expect(await told()).toBe(before);
    await recording(() => {});
    expect(await told()).toBe(before + 1);
  });

  it('is not sent by a second replica while the first, which has lost the broker, is still sending it', async () => {
    service.smtpLine.hold('server-to-client');
    const message = await service.say(NoticeIssued, notice);
    await eventually(() => expect(service.smtpLine.heldBytes('server-to-client')).toBeGreaterThan(0));
    const retriedBefore = await retried();
    const second = await notificationFixture({}, service);
    try {
      service.brokerLine.refuse();
      service.brokerLine.cut();
      await eventually(async () => expect(await retried()).toBe(retriedBefore + 1));
      service.smtpLine.restore();
      await becomes('sent');
      await inInbox(message);
      expect(mails()).toHaveLength(1);
    } finally {
      service.smtpLine.restore();
      service.brokerLine.restore();
      await second.close();
    }
  }, 30_000);
});
