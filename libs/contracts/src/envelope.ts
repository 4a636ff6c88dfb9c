/**
 * What travels with the data of every message: CloudEvents 1.0 in binary mode. The attributes are AMQP headers with the prefix
 * of the CloudEvents AMQP binding, the data is the JSON body. `traceparent` keeps its W3C name, which tracing tools look for.
 *
 * @see https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/bindings/amqp-protocol-binding.md
 */
export interface Envelope {
  /** UUID. The outbox row's id, the AMQP message id and the inbox's key are this one value. */
  readonly id: string;
  /** The message's declared name, for example `order.placed.v1`. */
  readonly type: string;
  /** Who said it, for example `/orderly/order`. */
  readonly source: string;
  /** The order it is about. Messages with the same subject keep their order inside a batch. */
  readonly subject: string;
  /** When it was said: ISO 8601, UTC. */
  readonly time: string;
  /** The order's story that this belongs to: the same through every service. */
  readonly correlationId: string;
  /** The message that made this one necessary; absent when it was a request over HTTP or a clock. */
  readonly causationId?: string | undefined;
  /** W3C trace context of the work that said it. */
  readonly traceparent?: string | undefined;
  /** The version of the aggregate that said it, when it has one. */
  readonly sequence?: number | undefined;
}

const prefix = 'cloudEvents_';
const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/** Whether a value can be the id of a message. */
export const isUuid = (value: unknown): value is string => typeof value === 'string' && uuid.test(value);

/** The AMQP headers that carry an envelope. */
export function envelopeToHeaders(envelope: Envelope): Record<string, string | number> {
  const headers: Record<string, string | number> = {
    [`${prefix}specversion`]: '1.0',
    [`${prefix}id`]: envelope.id,
    [`${prefix}type`]: envelope.type,
    [`${prefix}source`]: envelope.source,
    [`${prefix}subject`]: envelope.subject,
    [`${prefix}time`]: envelope.time,
    [`${prefix}dataschema`]: `/schemas/${envelope.type}`,
    [`${prefix}correlationid`]: envelope.correlationId,
  };
  if (envelope.causationId) headers[`${prefix}causationid`] = envelope.causationId;
  if (envelope.sequence !== undefined) headers[`${prefix}sequence`] = envelope.sequence;
  if (envelope.traceparent) headers['traceparent'] = envelope.traceparent;
  return headers;
}

/** The headers say too little, or something else than they should. */
export class MalformedEnvelope extends Error {
  override readonly name = 'MalformedEnvelope';
}

/**
 * Reads an envelope from AMQP headers.
 * @throws MalformedEnvelope when a required attribute is missing, or an id is no UUID
 */
export function envelopeFromHeaders(headers: Readonly<Record<string, unknown>>): Envelope {
  const optional = (name: string): string | undefined => {
    const value = headers[name];
    return typeof value === 'string' && value !== '' ? value : undefined;
  };
  const required = (attribute: string): string => {
    const value = optional(prefix + attribute);
    if (value === undefined) throw new MalformedEnvelope(`the header ${prefix}${attribute} is missing`);
    return value;
  };
  // Whoever sends it in capitals means the same id (RFC 9562, section 4), and Postgres answers with the lowercase one.
  const id = required('id').toLowerCase();
  if (!isUuid(id)) throw new MalformedEnvelope(`the header ${prefix}id is not a UUID`);
  const sequence = headers[`${prefix}sequence`];
  const causationId = optional(`${prefix}causationid`);
  const traceparent = optional('traceparent');
  return {
    id,
    type: required('type'),
    source: required('source'),
    subject: required('subject'),
    time: required('time'),
    correlationId: optional(`${prefix}correlationid`) ?? id,
    ...(causationId && { causationId }),
    ...(traceparent && { traceparent }),
    ...(typeof sequence === 'number' && { sequence }),
  };
}
