import type { ConsumeMessage } from 'amqplib';
import type { Topology } from '#libs/contracts';
import { routeDelayed } from './delay.js';
import { attemptHeader, attemptOf } from './delivery.js';
import type { Outgoing } from './publisher.js';

/**
 * Headers the broker adds when it dead-letters. RabbitMQ up to 3.13 takes them for its own when a client sends them back, and then drops
 * the message as a cycle; so nothing is ever sent on with them.
 */
const brokersOwn = /^x-(death|first-death-|last-death-|delivery-count|acquired-count|opt-)/;

/** What a message cannot be handled or replayed without. */
const envelope = /^(cloudEvents_|orderly-|traceparent$)/;

/** Headers from elsewhere may be of any size; the AMQP frame is not. */
const longestForeignHeaders = 16_384;

/** The same body and envelope, for the one queue that failed, after a pause. */
export function forRetry(message: ConsumeMessage, queue: string, afterSeconds: number, error: unknown, delay: Topology['delay']): Outgoing {
  const attempt = attemptOf(message.properties.headers) + 1;
  return {
    ...copyOf(message),
    ...routeDelayed(afterSeconds, queue, delay),
    headers: { ...ownHeaders(message), [attemptHeader]: attempt, 'orderly-error': describe(error) },
  };
}

/** The same message for the same queue, as if it had never been delivered: the broker counts its returns from nothing. */
export function forRenewal(message: ConsumeMessage, queue: string, delay: Topology['delay']): Outgoing {
  return { ...copyOf(message), ...routeDelayed(0, queue, delay), headers: ownHeaders(message) };
}

/** The same body and envelope, given up: parked under the queue's name, with the reason. */
export function forParking(message: ConsumeMessage, queue: string, reason: string, error: unknown, deadLetters: string): Outgoing {
  return {
    ...copyOf(message),
    exchange: deadLetters,
    routingKey: queue,
    headers: {
      ...ownHeaders(message),
      [attemptHeader]: attemptOf(message.properties.headers),
      'orderly-queue': queue,
      'orderly-reason': reason,
      'orderly-error': describe(error),
      'orderly-dead-at': new Date().toISOString(),
    },
  };
}

function copyOf({ properties, content, fields }: ConsumeMessage) {
  // A message from elsewhere may have no id, and a return must still be told from the others.
  const id = typeof properties.messageId === 'string' ? properties.messageId : `delivery-${fields.consumerTag}-${fields.deliveryTag}`;
  return { id, type: String(properties.type ?? ''), body: content };
}

/**
 * The envelope, and of the rest what can be sent at all: amqplib reads some values that it cannot write, and a message that cannot be
 * handed on would stop its queue.
 */
function ownHeaders({ properties }: ConsumeMessage): Record<string, string | boolean | number> {
  const sendable = Object.entries(properties.headers ?? {}).filter(
    (entry): entry is [string, string | boolean | number] =>
      !brokersOwn.test(entry[0]) && (['string', 'boolean'].includes(typeof entry[1]) || Number.isSafeInteger(entry[1])),
  );
  const foreign = sendable.filter(([name]) => !envelope.test(name));
  const small = JSON.stringify(foreign).length <= longestForeignHeaders;
  return Object.fromEntries(small ? sendable : sendable.filter(([name, value]) => envelope.test(name) && String(value).length <= 1_024));
}

function describe(error: unknown): string {
  const { name, message } = error instanceof Error ? error : new Error(String(error));
  return `${name}: ${message}`.slice(0, 2_048);
}
