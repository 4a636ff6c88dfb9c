import { z } from 'zod';
import { command, Customer, event, Instant, notice } from './message.js';

/** What customers are told. */
export const NoticeKind = z.enum([
  'order-placed',
  'order-paid',
  'order-cancelled',
  'order-expired',
  'order-refunded',
  'payment-declined',
  'payment-returned',
]);
export type NoticeKind = z.infer<typeof NoticeKind>;

/** One piece of news for one customer, worded once; each channel delivers it in its own way, once per `eventId`. */
export const NoticeIssued = notice('notice.issued.v1', {
  schema: z.object({
    /** The event that this is news of. */
    eventId: z.uuid(),
    orderId: z.uuid(),
    customer: Customer,
    kind: NoticeKind,
    subject: z.string(),
    body: z.string(),
    at: Instant,
  }),
  example: {
    eventId: '0199b3a0-0000-7000-8000-000000000005',
    orderId: '0199b3a0-0000-7000-8000-000000000001',
    customer: { id: 'alice', email: 'alice@example.com' },
    kind: 'order-paid' as const,
    subject: 'Your order is paid',
    body: 'Thank you. We have received 25.98 EUR for your order.',
    at: '2026-11-22T12:00:03.000Z',
  },
});

/** Sends one delivery to its endpoint. Tries are numbered from 1, so one that is told of twice is made once. */
export const DeliverWebhook = command('webhook.deliver.v1', {
  schema: z.object({ deliveryId: z.uuid(), orderId: z.uuid(), attempt: z.int().positive() }),
  example: {
    deliveryId: '0199b3a0-0000-7000-8000-000000000006',
    orderId: '0199b3a0-0000-7000-8000-000000000001',
    attempt: 1,
  },
});

/** An endpoint was given up: nothing is sent to it until an operator enables it again. */
export const WebhookEndpointDisabled = event('webhook-endpoint.disabled.v1', {
  schema: z.object({
    endpointId: z.uuid(),
    /** No more of its address: the rest of it may be a secret. */
    host: z.string(),
    /** `gone`: it said so itself (410). */
    reason: z.enum(['failing', 'gone']),
    at: Instant,
  }),
  example: {
    endpointId: '0199b3a0-0000-7000-8000-000000000007',
    host: 'shop.example',
    reason: 'failing' as const,
    at: '2026-11-22T12:00:03.000Z',
  },
});
