import type { ConsumeMessage } from 'amqplib';
import { isUuid } from '#libs/contracts';
import { idOfBytes, storable, withoutNul } from './dead-letters.js';

/** A message that went by, as far as it can be read: an audit trail keeps what it does not understand as well. */
export interface Passing {
  /** The message's own id; for one without, a UUID made of its bytes, which is the same whenever it comes. */
  readonly messageId: string;
  readonly exchange: string;
  readonly type: string;
  readonly source: string | undefined;
  /** The order that it is about, if it says so. */
  readonly subject: string | undefined;
  /** When it was said; when it came, of one that does not say. */
  readonly at: Date;
  readonly causationId: string | undefined;
  /** The version of what it tells of. */
  readonly sequence: number | undefined;
  readonly body: Buffer;
}

export function readPassing(message: ConsumeMessage): Passing {
  const { properties, fields, content } = message;
  const headers = storable(properties.headers ?? {});
  const text = (attribute: string): string | undefined => {
    const value = headers[`cloudEvents_${attribute}`];
    return typeof value === 'string' && value !== '' ? value : undefined;
  };
  const sequence = headers['cloudEvents_sequence'];
  const saidAt = new Date(text('time') ?? Number.NaN);
  return {
    messageId: [text('id'), properties.messageId].find(isUuid)?.toLowerCase() ?? idOfBytes(message),
    exchange: fields.exchange,
    type: text('type') ?? withoutNul(String(properties.type ?? fields.routingKey)),
    source: text('source'),
    subject: text('subject'),
    at: Number.isNaN(saidAt.getTime()) ? new Date() : saidAt,
    causationId: text('causationid'),
    sequence: Number.isSafeInteger(sequence) ? (sequence as number) : undefined,
    body: content,
  };
}
