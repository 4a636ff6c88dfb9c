import { Injectable } from '@nestjs/common';
import { v7 as uuidv7 } from 'uuid';
import { DeliverWebhook } from '#libs/contracts';
import { Consumes, type MessageOf, type Transaction } from '#libs/messaging';
import { eventTypeOf, payloadOf } from './webhook-event.js';

type Notice = MessageOf<'notification.webhook'>;

interface Delivery {
  readonly id: string;
  readonly endpointId: string;
  readonly notice: Notice;
}

/**
 * Tells the systems of others: for each notice and each endpoint that wants its type, one delivery with a message of its own, so that what
 * is slow or dead at one endpoint is nobody else's business.
 */
@Injectable()
export class WebhookChannel {
  @Consumes('notification.webhook')
  async fanOut(notices: readonly Notice[], tx: Transaction): Promise<void> {
    const types = [...new Set(notices.map(({ data }) => eventTypeOf(data.kind)))];
    const endpoints: { id: string; event_types: string[] }[] = await tx.manager.query(
      `SELECT id, event_types FROM webhook_endpoints WHERE status = 'enabled' AND event_types && $1::text[]`,
      [types],
    );
    const deliveries = notices.flatMap((notice) =>
      endpoints
        .filter(({ event_types: wanted }) => wanted.includes(eventTypeOf(notice.data.kind)))
        .map((endpoint): Delivery => ({ id: uuidv7(), endpointId: endpoint.id, notice })),
    );
    if (deliveries.length > 0) await this.begin(deliveries, tx);
  }

  private async begin(deliveries: readonly Delivery[], tx: Transaction): Promise<void> {
    const rows = deliveries.map(({ id, endpointId, notice: { data } }) => ({
      id,
      endpoint_id: endpointId,
      event_id: data.eventId,
      order_id: data.orderId,
      event_type: eventTypeOf(data.kind),
      payload: payloadOf(data),
    }));
    // A notice of the same event may come as another message: the key knows it.
    const begun: { id: string }[] = await tx.manager.query(
      `INSERT INTO webhook_deliveries (id, endpoint_id, event_id, order_id, event_type, payload)
       SELECT id, endpoint_id, event_id, order_id, event_type, payload
         FROM jsonb_to_recordset($1) AS row (id uuid, endpoint_id uuid, event_id uuid, order_id uuid, event_type text, payload text)
        ORDER BY endpoint_id, event_id
       ON CONFLICT (endpoint_id, event_id) DO NOTHING
       RETURNING id`,
      [JSON.stringify(rows)],
    );
    const isBegun = new Set(begun.map(({ id }) => id));
    for (const { id, notice } of deliveries) {
      if (!isBegun.has(id)) continue;
      const { orderId } = notice.data;
      tx.publish(DeliverWebhook, { deliveryId: id, orderId, attempt: 1 }, { subject: orderId, causedBy: notice });
    }
  }
}
