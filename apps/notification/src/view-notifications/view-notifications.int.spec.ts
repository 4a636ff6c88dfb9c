import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { OrderPaid, ViewNotification } from '#libs/contracts';
import { askService, eventually } from '#libs/testing';
import { notificationFixture, type NotificationFixture } from '../notification.spec-support.js';

describe('what the notification service says of an order', () => {
  let service: NotificationFixture;
  beforeAll(async () => {
    service = await notificationFixture();
  });
  afterAll(() => service?.close());

  const view = async (orderId: string, messageIds?: string[]) =>
    ViewNotification.answer.parse(
      await askService(service.vhost.url, ViewNotification.name, { orderId, ...(messageIds && { messageIds }) }),
    );

  it('is the deliveries of the messages that were asked for, and the mails that became of them', async () => {
    const orderId = randomUUID();
    const paid = await service.say(OrderPaid, { ...OrderPaid.example, orderId });
    await eventually(async () =>
      expect((await view(orderId, [paid])).happened).toMatchObject([
        { kind: 'mail', what: 'email order-paid: sent', causedBy: paid },
        { kind: 'delivery', causedBy: paid, details: { queue: 'notification.notify-customer' } },
      ]),
    );
  });

  it('is nothing of an order that it does not know, or when nobody asks what happened', async () => {
    expect(await view(randomUUID(), [])).toEqual({ happened: [] });
    expect(await view(randomUUID())).toEqual({ happened: [] });
  });
});
