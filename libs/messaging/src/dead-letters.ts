import { createHash } from 'node:crypto';
import type { ConsumeMessage } from 'amqplib';
import { isUuid, type Topology } from '#libs/contracts';
import { redactText } from '#libs/service';
import { routeDelayed } from './delay.js';
import { attemptHeader, attemptOf, replayHeader, replayOf } from './delivery.js';
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
export function forRetry(
  message: ConsumeMessage,
  queue: string,
  { afterSeconds, attempt }: { readonly afterSeconds: number; readonly attempt: number },
  error: unknown,
  delay: Topology['delay'],
): Outgoing {
  return {
    ...copyOf(message),
    ...routeDelayed(afterSeconds, queue, delay),
    span: `${queue} retry`,
    headers: { ...ownHeaders(message), [attemptHeader]: attempt, 'orderly-error': describe(error) },
  };
}

/** The same message for the same queue, as if it had never been delivered: the broker counts its returns from nothing. */
export function forRenewal(message: ConsumeMessage, queue: string, delay: Topology['delay']): Outgoing {
  return { ...copyOf(message), ...routeDelayed(0, queue, delay), span: `${queue} renew`, headers: ownHeaders(message) };
}

/** The same body and envelope, given up: parked under the queue's name, with the reason. */
export function forParking(message: ConsumeMessage, queue: string, reason: string, error: unknown, deadLetters: string): Outgoing {
  return {
    ...copyOf(message),
    exchange: deadLetters,
    routingKey: queue,
    span: `${queue} dead-letter`,
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

/** As people and logs may read it: a header goes wherever its message does. */
function describe(error: unknown): string {
  const { name, message } = error instanceof Error ? error : new Error(String(error));
  return redactText(`${name}: ${message}`).slice(0, 2_048);
}

/** A message that was given up, as far as it can be read: anything may lie among the dead letters. */
export interface DeadLetter {
  /** The message's own id; for one without, a UUID made of its bytes, which is the same whenever it comes. */
  readonly messageId: string;
  /** The queue that gave it up. */
  readonly queue: string;
  readonly type: string | undefined;
  /** The order that it is about, if it says so. */
  readonly subject: string | undefined;
  readonly reason: string;
  readonly error: string;
  readonly attempts: number;
  readonly diedAt: Date;
  /** When its message was said; when it died, of one that does not say, or says that it was later. */
  readonly saidAt: Date;
  /** Which replay it has died of, if it was one. */
  readonly replayId: string | undefined;
  /** As they came, as JSON. */
  readonly headers: Readonly<Record<string, unknown>>;
  readonly body: Buffer;
}

interface Death {
  readonly queue?: string;
  readonly reason?: string;
}

/** Reads a dead letter, be it parked by a consumer or given up by the broker, which says so in headers of its own. */
export function readDeadLetter(message: ConsumeMessage, { queues }: Pick<Topology, 'queues'>): DeadLetter {
  const { properties, fields, content } = message;
  const headers = storable(properties.headers ?? {});
  const text = (name: string): string | undefined => {
    const value = headers[name];
    return typeof value === 'string' ? value : undefined;
  };
  const death = (Array.isArray(headers['x-death']) ? (headers['x-death'][0] as Death | undefined) : undefined) ?? {};
  const brokersReason = (text('x-last-death-reason') ?? death.reason ?? text('x-first-death-reason'))?.replaceAll('_', '-');
  // `x-first-death-queue` is no help: of what has waited in a lane, that was the first.
  const queue =
    text('orderly-queue') ??
    (fields.routingKey in queues ? fields.routingKey : (text('x-last-death-queue') ?? death.queue ?? withoutNul(fields.routingKey)));
  const diedAt = instant(text('orderly-dead-at')) ?? new Date();
  const saidAt = instant(text('cloudEvents_time')) ?? diedAt;
  return {
    messageId: [headers['cloudEvents_id'], properties.messageId].find(isUuid)?.toLowerCase() ?? idOfBytes(message),
    queue,
    type: text('cloudEvents_type') ?? (properties.type ? withoutNul(String(properties.type)) : undefined),
    subject: text('cloudEvents_subject'),
    reason: text('orderly-reason') ?? brokersReason ?? 'unknown',
    error: text('orderly-error') ?? (brokersReason ? `the broker gave it up: ${brokersReason}` : 'nothing is said of why'),
    attempts: attemptOf(headers),
    diedAt,
    saidAt: saidAt < diedAt ? saidAt : diedAt,
    replayId: replayOf(headers),
    headers,
    body: content,
  };
}

/** What of a death is about that death. A message that is replayed begins anew, as the first attempt. */
const ofOneDeath = new Set([attemptHeader, 'orderly-queue', 'orderly-reason', 'orderly-error', 'orderly-dead-at']);

/** The headers with which a dead letter goes to its queue again. */
export function forReplay(headers: Readonly<Record<string, unknown>>, replayId: string): Record<string, unknown> {
  const kept = Object.entries(ownHeaders({ properties: { headers } } as ConsumeMessage)).filter(([name]) => !ofOneDeath.has(name));
  return { ...Object.fromEntries(kept), [replayHeader]: replayId };
}

/** Headers as Postgres takes them: AMQP has values that JSON has not, and no text column holds a NUL. */
export function storable(headers: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const plain = (_: string, value: unknown) =>
    typeof value === 'bigint' ? String(value) : typeof value === 'string' ? withoutNul(value) : value;
  return JSON.parse(JSON.stringify(headers, plain)) as Record<string, unknown>;
}

export const withoutNul = (text: string): string => text.replaceAll('\0', '');

function instant(text: string | undefined): Date | undefined {
  const at = new Date(text ?? '');
  return Number.isNaN(at.getTime()) ? undefined : at;
}

/** A UUID (version 8) of what a message is, without what changes from one delivery to the next. */
export function idOfBytes({ properties, content }: ConsumeMessage): string {
  const { messageId, type, correlationId, timestamp } = properties as unknown as Record<string, unknown>;
  const hash = createHash('sha256')
    .update(JSON.stringify([messageId, type, correlationId, timestamp]))
    .update(content)
    .digest('hex');
  return `${hash.slice(0, 8)}-${hash.slice(8, 12)}-8${hash.slice(13, 16)}-8${hash.slice(17, 20)}-${hash.slice(20, 32)}`;
}
