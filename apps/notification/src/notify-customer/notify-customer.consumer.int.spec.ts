import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { NoticeIssued, OrderPaid, PaymentRefunded } from '#libs/contracts';
import { eventually, MessageProbe } from '#libs/testing';
import { notificationFixture, type NotificationFixture } from '../notification.spec-support.js';

describe('notifying the customer', () => {
  let service: NotificationFixture;
  let notices: MessageProbe;

  beforeAll(async () => {
    service = await notificationFixture();
    notices = await MessageProbe.listen(service.vhost.url, 'orderly.notices');
  }, 60_000);

  afterAll(async () => {
    await notices?.close();
    await service?.close();
  }, 30_000);

  /** Whatever was said before has been handled when an event that was said after it has. */
  async function settled(): Promise<void> {
    const eventId = await service.say(OrderPaid, { ...OrderPaid.example, orderId: randomUUID() });
    await notices.first(NoticeIssued.name, ({ body }) => (body as { eventId: string }).eventId === eventId);
  }

  const noticesOf = (orderId: string) =>
    notices.of(NoticeIssued.name).filter(({ body }) => (body as { orderId: string }).orderId === orderId);
  const mailsOf = (orderId: string) => service.smtp.mails.filter(({ text }) => text.includes(orderId));

  it('issues one notice for an event that is delivered twice, and the customer gets one mail', async () => {
    const orderId = randomUUID();
    const eventId = await service.say(OrderPaid, { ...OrderPaid.example, orderId });
    await service.say(OrderPaid, { ...OrderPaid.example, orderId }, eventId);
    await settled();
    const [notice, ...more] = noticesOf(orderId);
    expect(more).toEqual([]);
    expect(notice?.body).toMatchObject({
      eventId,
      orderId,
      kind: 'order-paid',
      subject: 'Your order is paid',
      customer: OrderPaid.example.customer,
    });
    expect(notice?.headers).toMatchObject({
      cloudEvents_causationid: eventId,
      cloudEvents_correlationid: orderId,
      cloudEvents_subject: orderId,
    });
    await eventually(async () => {
      const rows = await service.database.query('SELECT kind, channel, status FROM notifications WHERE order_id = $1', [orderId]);
      expect(rows).toEqual([{ kind: 'order-paid', channel: 'email', status: 'sent' }]);
    });
    expect(mailsOf(orderId)).toHaveLength(1);
  });

  it('says nothing of a refund that the order service tells of', async () => {
    const orderId = randomUUID();
    await service.say(PaymentRefunded, { ...PaymentRefunded.example, orderId, reason: 'order_cancelled' });
    await service.say(PaymentRefunded, { ...PaymentRefunded.example, orderId, reason: 'late_payment' });
    await settled();
    expect(noticesOf(orderId).map(({ body }) => (body as { kind: string }).kind)).toEqual(['payment-returned']);
  });
});
