import { DeadLetterReplayed } from './dead-letter.messages.js';
import type { MessageType } from './message.js';
import { DeliverWebhook, NoticeIssued, WebhookEndpointDisabled } from './notification.messages.js';
import { ExpireOrder, OrderCancelled, OrderExpired, OrderPaid, OrderPlaced, OrderRefunded } from './order.messages.js';
import { CapturePayment, PaymentCaptured, PaymentDeclined, PaymentRefunded, ReconcilePayment, RefundPayment } from './payment.messages.js';
import { ProductRepriced } from './product.messages.js';
import { SettingChanged } from './settings.messages.js';
import {
  ViewNotification,
  ViewNotificationOutbox,
  ViewOrder,
  ViewOrderOutbox,
  ViewPayment,
  ViewPaymentOutbox,
  type QueryType,
} from './queries.js';

/** One durable quorum queue: whose it is, what it takes, and how much at a time. */
export interface QueueDeclaration<Types extends readonly MessageType[] = readonly MessageType[]> {
  /** What its consumer understands. Each is bound by its exact name: a pattern would bring in types it has never heard of. */
  readonly takes: Types;
  /** Unacknowledged messages that one consumer may hold (AMQP prefetch). */
  readonly prefetch: number;
  /** The most that one transaction handles. A batch is what has arrived, never waited for. */
  readonly batch: number;
}

/** What a service does besides taking from its queues, which is all that the broker lets it do: see `privilegesOf`. */
export interface ServiceDeclaration {
  readonly says?: readonly MessageType[];
  readonly asks?: readonly QueryType[];
  /** What each of its replicas gets a copy of, at most once: nothing may depend on it. */
  readonly hears?: readonly MessageType[];
  /** Takes the dead letters, and sends them to the queue that gave them up. */
  readonly repairs?: boolean;
}

/** Everything that is declared on the broker, and who does what there. */
export interface Topology {
  readonly exchanges: { readonly [Kind in MessageType['kind']]: { readonly name: string; readonly type: 'topic' | 'direct' | 'fanout' } };
  readonly queues: Readonly<Record<string, QueueDeclaration>>;
  readonly services: Readonly<Record<string, ServiceDeclaration>>;
  /** What services ask each other. The first word of a query is the service that answers it, and the query's name its queue. */
  readonly queries: readonly QueryType[];
  /** A topic exchange by which questions reach their queue, and answers whoever asked. */
  readonly queryExchange: string;
  readonly deadLetters: string;
  /** The one queue that takes whatever is said, of types that it has never heard of as well. Whoever collects it declares it. */
  readonly auditTrail: { readonly queue: string; readonly maxLength: number };
  /** Where services say what their callers do, at most once, and the queue of whoever collects it. */
  readonly activity: { readonly exchange: string; readonly queue: string; readonly maxLength: number };
  readonly delay: {
    /** Prefix of the exchanges and queues of the delay service. */
    readonly name: string;
    /** Delays, in seconds, with a queue of their own: one hop. Any other delay walks the cascade. */
    readonly lanes: readonly number[];
    /** The cascade has a queue for each power of two below 2^levels seconds. */
    readonly levels: number;
  };
  /** Messages a queue may hold before publishing to it is refused (the outbox keeps the rest). */
  readonly maxLength: number;
  /** Deliveries of one message before the broker gives it up: the end of a crash loop. */
  readonly deliveryLimit: number;
}

/** Seconds between the attempts at a message that failed; after the last one it is a dead letter. */
export const retryDelaysSeconds = [1, 5, 30, 120, 600] as const;

/** How long an order waits for its payment when the customer doesn't say, in seconds. */
export const defaultPaymentWindowSeconds = 900;

const queue = <const Types extends readonly MessageType[]>(
  takes: Types,
  size: { prefetch?: number; batch?: number } = {},
): QueueDeclaration<Types> => ({
  takes,
  prefetch: size.prefetch ?? 400,
  batch: size.batch ?? 100,
});

const queries = [ViewOrder, ViewPayment, ViewNotification, ViewOrderOutbox, ViewPaymentOutbox, ViewNotificationOutbox] as const;

/** The whole map. A queue is called after the service that owns it and the folder that consumes it. */
export const topology = {
  exchanges: {
    event: { name: 'orderly.events', type: 'topic' },
    command: { name: 'orderly.commands', type: 'direct' },
    notice: { name: 'orderly.notices', type: 'fanout' },
    signal: { name: 'orderly.settings', type: 'fanout' },
  },
  queues: {
    'order.settle-order': queue([PaymentCaptured, PaymentRefunded]),
    'order.expire-order': queue([ExpireOrder]),
    'payment.open-payment': queue([OrderPlaced, OrderCancelled, OrderExpired]),
    'payment.capture-payment': queue([CapturePayment]),
    'payment.refund-payment': queue([RefundPayment]),
    'payment.reconcile-payments': queue([ReconcilePayment]),
    'notification.notify-customer': queue([
      OrderPlaced,
      OrderPaid,
      OrderCancelled,
      OrderExpired,
      OrderRefunded,
      PaymentDeclined,
      PaymentRefunded,
    ]),
    'notification.email': queue([NoticeIssued], { prefetch: 100, batch: 50 }),
    'notification.webhook': queue([NoticeIssued]),
    'notification.deliver-webhook': queue([DeliverWebhook], { prefetch: 200, batch: 50 }),
    'notification.notify-operators': queue([WebhookEndpointDisabled], { prefetch: 10, batch: 10 }),
    'console.settle-replays': queue([DeadLetterReplayed]),
  },
  services: {
    order: {
      says: [
        OrderPlaced,
        OrderPaid,
        OrderCancelled,
        OrderExpired,
        OrderRefunded,
        ProductRepriced,
        SettingChanged,
        ExpireOrder,
        RefundPayment,
      ],
      hears: [ProductRepriced, SettingChanged],
      asks: [ViewPayment],
    },
    payment: {
      says: [CapturePayment, ReconcilePayment, RefundPayment, PaymentCaptured, PaymentDeclined, PaymentRefunded, SettingChanged],
      hears: [SettingChanged],
    },
    notification: { says: [NoticeIssued, DeliverWebhook, WebhookEndpointDisabled, SettingChanged], hears: [NoticeIssued, SettingChanged] },
    console: { says: [SettingChanged], hears: [SettingChanged], asks: queries, repairs: true },
  },
  queries,
  queryExchange: 'orderly.queries',
  deadLetters: 'orderly.dead-letters',
  auditTrail: { queue: 'console.audit-trail', maxLength: 1_000_000 },
  // Up to a hundred calls are in one message.
  activity: { exchange: 'orderly.activity', queue: 'console.activity', maxLength: 1_000 },
  delay: {
    name: 'orderly.delay',
    lanes: [...retryDelaysSeconds, defaultPaymentWindowSeconds],
    levels: 20,
  },
  maxLength: 1_000_000,
  deliveryLimit: 20,
} as const satisfies Topology;

/** What is only heard, by each replica that listens: no queue keeps it. */
export function onlyHeard({ queues, services }: Topology): MessageType[] {
  const taken = new Set(Object.values(queues).flatMap(({ takes }) => takes));
  return [...new Set(Object.values(services).flatMap(({ hears = [] }) => hears))].filter((type) => !taken.has(type));
}
