import type { ConsumeMessage } from 'amqplib';
import { envelopeFromHeaders, isUuid, type MessageType } from '#libs/contracts';
import type { Incoming } from './message-handler.js';

export const attemptHeader = 'orderly-attempt';
/** On a dead letter that was replayed, wherever it goes from there: which replay it was. */
export const replayHeader = 'orderly-replay';

/** Why a message can never be handled, whoever tries: the reason it is dead-lettered with. */
export class Unreadable extends Error {
  override readonly name = 'Unreadable';

  constructor(
    readonly reason: 'malformed' | 'unknown-type' | 'schema-violation',
    detail: string,
  ) {
    super(detail);
  }
}

/**
 * Reads a message off the wire.
 * @throws Unreadable when headers or body are malformed, the type is not among those taken here, or the data breaks the type's schema
 */
export function readDelivery({ properties, content }: ConsumeMessage, takes: ReadonlyMap<string, MessageType>): Incoming {
  const headers = (properties.headers ?? {}) as Record<string, unknown>;
  const envelope = orUnreadable('malformed', () => envelopeFromHeaders(headers));
  const type = takes.get(envelope.type);
  if (!type) throw new Unreadable('unknown-type', `${envelope.type} is not taken here`);
  const json: unknown = orUnreadable('malformed', () => JSON.parse(content.toString('utf8')));
  const parsed = type.schema.safeParse(json);
  if (!parsed.success) {
    const issues = parsed.error.issues.map((issue) => `${issue.path.join('.') || 'data'}: ${issue.message}`);
    throw new Unreadable('schema-violation', issues.join('; '));
  }
  const replayId = replayOf(headers);
  return { ...envelope, data: parsed.data, attempt: attemptOf(headers), ...(replayId && { replayId }) };
}

/** Counted in a header of ours: `x-death` means different things to different versions of RabbitMQ. */
export function attemptOf(headers: Readonly<Record<string, unknown>> | undefined): number {
  const attempt = headers?.[attemptHeader];
  return typeof attempt === 'number' && attempt >= 1 ? attempt : 1;
}

/** The replay that brought a message back; undefined for any other. */
export function replayOf(headers: Readonly<Record<string, unknown>> | undefined): string | undefined {
  const replayId = headers?.[replayHeader];
  return isUuid(replayId) ? replayId : undefined;
}

function orUnreadable<Value>(reason: Unreadable['reason'], read: () => Value): Value {
  try {
    return read();
  } catch (error) {
    throw new Unreadable(reason, (error as Error).message);
  }
}
