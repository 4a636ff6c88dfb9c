import { inSpan, isTracing, runAs, startSpan, type Span } from '#libs/service';
import type { Delivery } from './subscription.js';
import type { Incoming } from './message-handler.js';
import type { Outcome, Outgoing } from './publisher.js';

/** A delivery that could be read, and the span of its handling when it is handled by itself. */
export interface Taken {
  readonly delivery: Delivery;
  readonly message: Incoming;
  readonly span?: Span | undefined;
}

/** Sends a message in a span of its own, which goes with it: whoever takes it goes on from there. */
export async function inPublishingSpan(message: Outgoing, send: (message: Outgoing) => Promise<Outcome>): Promise<Outcome> {
  const { exchange, routingKey, id, type, headers, body } = message;
  const { span: name = `${type} publish` } = message;
  const span = startSpan({
    name,
    kind: 'producer',
    parent: textOf(headers['traceparent']),
    attributes: {
      'messaging.system': 'rabbitmq',
      'messaging.operation.name': name.slice(name.lastIndexOf(' ') + 1),
      'messaging.operation.type': 'send',
      'messaging.destination.name': `${exchange}:${routingKey}`,
      'messaging.rabbitmq.destination.routing_key': routingKey,
      'messaging.message.id': id,
      'messaging.message.conversation_id': textOf(headers['cloudEvents_correlationid']),
      'messaging.message.body.size': body.length,
      'orderly.order.id': textOf(headers['cloudEvents_subject']),
      'orderly.message.type': type,
    },
  });
  if (!span) return send(message);
  const outcome = await send({ ...message, headers: { ...headers, traceparent: span.traceparent } });
  span.end(outcome.kind === 'confirmed' ? undefined : outcome.reason);
  return outcome;
}

/**
 * Begins the span of a message that is handled by itself; from here on it is what that message causes. What has waited for its time begins
 * a trace of its own, with a link: nobody reads a trace that stands still for a quarter of an hour.
 */
export function beginHandling(taken: Taken, queue: string): Taken {
  if (!isTracing()) return taken;
  const { delivery, message } = taken;
  const { traceparent } = message;
  const span = startSpan({
    name: `${queue} process`,
    kind: 'consumer',
    ...(hasWaited(delivery) && message.attempt === 1 ? { links: [traceparent] } : { parent: traceparent }),
    attributes: {
      ...handlingOf(queue),
      'messaging.message.id': message.id,
      'messaging.message.conversation_id': message.correlationId,
      'messaging.message.body.size': delivery.message.content.length,
      'orderly.order.id': message.subject,
      'orderly.message.type': message.type,
      'orderly.message.attempt': message.attempt,
    },
  });
  return span ? { ...taken, span, message: { ...message, traceparent: span.traceparent } } : taken;
}

/** Handles messages as one, in a span that has links to what caused each; its log lines tell of none of them. */
export function handleTogether<Result>(
  queue: string,
  batch: readonly Taken[],
  work: () => Promise<Result>,
  operation = 'process',
): Promise<Result> {
  if (!isTracing()) return runAs({}, work);
  return runAs({}, () =>
    inSpan(
      {
        name: `${queue} ${operation}`,
        kind: operation === 'process' ? 'consumer' : 'internal',
        links: batch.map(({ message }) => message.traceparent),
        attributes: { ...handlingOf(queue), 'messaging.batch.message_count': batch.length },
      },
      work,
    ),
  );
}

/** Does something of one message, whose log lines are about that message. */
export function handleAlone<Result>({ message }: Taken, work: () => Result): Result {
  return runAs({ traceparent: message.traceparent, orderId: message.subject, messageId: message.id }, work);
}

/** A step of what an asking consumer does: of one message it is a part of its handling. */
export function inStep<Result>(
  queue: string,
  step: 'intend' | 'record',
  batch: readonly Taken[],
  work: () => Promise<Result>,
): Promise<Result> {
  const [only] = batch;
  if (batch.length > 1 || !only) return handleTogether(queue, batch, work, step);
  return handleAlone(only, () => inSpan({ name: `${queue} ${step}`, kind: 'internal' }, work));
}

/** Keeps what was collected, of any kind, as a part of the one trace that it belongs to, or linked to many. */
export function keepInSpan(queue: string, batch: readonly Delivery[], keep: () => Promise<void>): Promise<void> {
  const traceparents = batch.map(({ message }) => textOf(message.properties.headers?.['traceparent']));
  return inSpan(
    {
      name: `${queue} process`,
      kind: 'consumer',
      ...(batch.length === 1 ? { parent: traceparents[0] } : { links: traceparents }),
      attributes: { ...handlingOf(queue), 'messaging.batch.message_count': batch.length },
    },
    keep,
  );
}

const handlingOf = (queue: string) => ({
  'messaging.system': 'rabbitmq',
  'messaging.operation.name': 'process',
  'messaging.operation.type': 'process',
  'messaging.destination.name': queue,
});

/** Whether it has been through the delay service. */
function hasWaited({ message }: Delivery): boolean {
  return message.properties.headers?.['x-first-death-reason'] === 'expired';
}

const textOf = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined);
