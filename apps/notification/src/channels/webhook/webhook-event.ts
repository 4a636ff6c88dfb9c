import { z } from 'zod';
import { NoticeKind, type DataOf, type NoticeIssued } from '#libs/contracts';

/** What a kind of notice is called outside: Standard Webhooks wants names with dots. `order-paid` is `order.paid`. */
export const eventTypeOf = (kind: NoticeKind): string => kind.replace('-', '.');

/** What endpoints are told of. */
export const WebhookEventType = z.enum(NoticeKind.options.map(eventTypeOf)).meta({ id: 'WebhookEventType', examples: ['order.paid'] });
export type WebhookEventType = z.infer<typeof WebhookEventType>;

/** The body of a delivery. No e-mail address: who may know it asks for the order. */
export function payloadOf({ eventId, orderId, customer, kind, subject, at }: DataOf<typeof NoticeIssued>): string {
  return JSON.stringify({ type: eventTypeOf(kind), timestamp: at, data: { eventId, orderId, customerId: customer.id, subject } });
}
