import { z } from 'zod';
import { Instant, Money } from './message.js';

/**
 * A question that one service asks another and waits for, about what that service's own tables say. Asked at most once and answered in
 * time or not at all, so nothing may depend on it that must happen. `name` is the pattern, and the queue that the questions wait in.
 */
export interface QueryType<Name extends string = string, Question = unknown, Answer = unknown> {
  readonly name: Name;
  readonly question: z.ZodType<Question>;
  /** Unknown members are accepted and dropped, so that the one who answers may add one first. */
  readonly answer: z.ZodType<Answer>;
}

export type QuestionOf<Type> = Type extends QueryType<string, infer Question> ? Question : never;
export type AnswerOf<Type> = Type extends QueryType<string, unknown, infer Answer> ? Answer : never;

function query<const Name extends string, Question extends z.ZodType, Answer extends z.ZodType>(
  name: Name,
  { question, answer }: { question: Question; answer: Answer },
): QueryType<Name, z.output<Question>, z.output<Answer>> {
  return { name, question, answer } as unknown as QueryType<Name, z.output<Question>, z.output<Answer>>;
}

/**
 * What kind of thing happened:
 * - `request`: somebody called over HTTP; `change`: an order or a payment moved to another state;
 * - `message`: something was said; `waiting`, `parked`: it is said and has not left the outbox; `delivery`: a queue's handler took it;
 * - `attempt`, `refund`: a try at capturing money, and money on its way back; `question`: the provider was asked about either;
 * - `webhook`: the provider told us; `mail`: a customer was written to.
 */
export const HappeningKind = z.enum([
  'request',
  'change',
  'message',
  'waiting',
  'parked',
  'delivery',
  'attempt',
  'question',
  'webhook',
  'refund',
  'mail',
]);

/** One thing that a service knows to have happened to an order. */
export const Happening = z.object({
  at: Instant,
  kind: HappeningKind,
  /** In words, for a person. */
  what: z.string(),
  /** No other happening of the conversation has it: the id of the message or row, or one made of what it is. */
  id: z.string(),
  /** The id of the happening that made this one necessary, if the service knows; the message it came by, for a delivery. */
  causedBy: z.string().optional(),
  /** For what moved a versioned thing, which version it made: what is said of that version was caused by this. */
  sequence: z.int().optional(),
  details: z.record(z.string(), z.unknown()).optional(),
});
export type Happening = z.infer<typeof Happening>;

/** The most ids that a question may name. */
export const mostMessageIds = 1000;

const AboutAnOrder = z.object({
  orderId: z.uuid(),
  /** Messages about the order that the asker knows of: their deliveries are among what happened. Left out: what happened is not asked. */
  messageIds: z.array(z.uuid()).max(mostMessageIds).optional(),
});

/** What became of an order, by the order service. */
export const ViewOrder = query('order.view', {
  question: AboutAnOrder,
  answer: z.object({
    order: z.object({ id: z.uuid(), status: z.string(), total: Money, placedAt: Instant, paymentDeadline: Instant }).nullable(),
    happened: z.array(Happening),
  }),
});

const Amount = Money.meta({ examples: [{ amountMinor: 2598, currency: 'EUR' }] });

/** A payment as its customer sees it. */
export const PaymentSeen = z.object({
  id: z.uuid(),
  orderId: z.uuid(),
  status: z.string(),
  amount: Amount,
  attempts: z.array(
    z.object({ id: z.uuid(), paymentMethod: z.string(), outcome: z.string(), declineCode: z.string().optional(), at: Instant }),
  ),
  refunds: z.array(z.object({ id: z.uuid(), amount: Amount, reason: z.string(), status: z.string(), at: Instant })),
});

/** The payment of an order, and what happened to it. */
export const ViewPayment = query('payment.view', {
  question: AboutAnOrder,
  answer: z.object({
    payment: PaymentSeen.nullable(),
    happened: z.array(Happening),
  }),
});

/** What a customer was told of an order. */
export const ViewNotification = query('notification.view', {
  question: AboutAnOrder,
  answer: z.object({ happened: z.array(Happening) }),
});

/** What a service has yet to send: every service answers this by itself. */
const viewOutbox = <const Service extends string>(service: Service) =>
  query(`${service}.outbox`, {
    question: z.object({}),
    answer: z.object({
      waiting: z.int(),
      /** What the broker kept refusing: each needs a person. */
      parked: z.int(),
      /** Of what waits; null when nothing does. */
      oldestSeconds: z.int().nullable(),
    }),
  });
export type ViewOutbox = ReturnType<typeof viewOutbox>;
export const ViewOrderOutbox = viewOutbox('order');
export const ViewPaymentOutbox = viewOutbox('payment');
export const ViewNotificationOutbox = viewOutbox('notification');
