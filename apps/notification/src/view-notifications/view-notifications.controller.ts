import { Controller } from '@nestjs/common';
import { MessagePattern, Payload } from '@nestjs/microservices';
import { DataSource } from 'typeorm';
import { ViewNotification, type AnswerOf } from '#libs/contracts';
import { happenedInMessaging } from '#libs/messaging';
import type { Notification } from '../notification/notification.entity.js';

/** Tells other services what the customer of an order was told. */
@Controller()
export class ViewNotificationsController {
  constructor(private readonly database: DataSource) {}

  @MessagePattern(ViewNotification.name)
  async viewNotifications(@Payload() payload: unknown): Promise<AnswerOf<typeof ViewNotification>> {
    const { orderId, messageIds } = ViewNotification.question.parse(payload);
    if (!messageIds) return { happened: [] };
    const { manager } = this.database;
    const rows: Pick<Notification, 'id' | 'eventId' | 'kind' | 'channel' | 'status' | 'recipient' | 'at' | 'sentAt'>[] =
      await manager.query(
        `SELECT id, event_id AS "eventId", kind, channel, status, recipient, at, sent_at AS "sentAt"
         FROM notifications WHERE order_id = $1 ORDER BY at, id LIMIT 200`,
        [orderId],
      );
    return {
      happened: [
        ...rows.map(({ id, eventId, kind, channel, status, recipient, at, sentAt }) => ({
          at: (sentAt ?? at).toISOString(),
          kind: 'mail' as const,
          what: `${channel} ${kind}: ${status}`,
          id,
          causedBy: eventId,
          details: { notice: kind, channel, status, recipient },
        })),
        ...(await happenedInMessaging(manager, 'notification', { orderId, messageIds })),
      ],
    };
  }
}
