import { v7 as uuidv7 } from 'uuid';
import { defaultPaymentWindowSeconds, envelopeToHeaders, topology, type DataOf, type Envelope, type MessageType } from '#libs/contracts';

/** A message as it came. */
export interface Incoming<Data> extends Envelope {
  readonly data: Data;
}

/** A message on its way: what its outbox row holds, and where it goes. */
export interface Said {
  readonly id: string;
  readonly type: string;
  readonly headers: Record<string, string | number>;
  readonly body: string;
  readonly due: string | null;
  readonly route: { readonly exchange: string; readonly routingKey: string };
  /** What has to be new for it to be said at all: the message that caused it, or an order. */
  readonly because: string;
}

interface Circumstances {
  readonly source: string;
  readonly subject: string;
  readonly because: string | Incoming<unknown>;
  readonly sequence?: number;
  readonly traceparent?: string | undefined;
}

/** Makes a message with the envelope of the real one. */
export function say<Type extends MessageType>(type: Type, data: DataOf<Type>, circumstances: Circumstances): Said {
  const { source, subject, because, sequence, traceparent } = circumstances;
  const cause = typeof because === 'string' ? undefined : because;
  const id = uuidv7();
  const headers = envelopeToHeaders({
    id,
    type: type.name,
    source,
    subject,
    time: new Date().toISOString(),
    correlationId: cause?.correlationId ?? subject,
    causationId: cause?.id,
    traceparent: cause?.traceparent ?? traceparent,
    sequence,
  });
  return {
    id,
    type: type.name,
    headers,
    body: JSON.stringify(data),
    due: null,
    route: { exchange: topology.exchanges[type.kind].name, routingKey: type.name },
    because: cause?.id ?? (because as string),
  };
}

/** The same message for when the payment is due: until then it waits on the broker, in the queue of that delay, before it goes to `queue`. */
export function atDeadline(said: Said, due: string, queue: string): Said {
  return { ...said, due, route: { exchange: topology.delay.name, routingKey: `lane-${defaultPaymentWindowSeconds}.${queue}` } };
}
