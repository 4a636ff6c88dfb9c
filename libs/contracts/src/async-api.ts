import { z } from 'zod';
import type { MessageKind, MessageType } from './message.js';
import { messageTypes } from './schemas.js';
import { topology } from './topology.js';

type Json = Readonly<Record<string, unknown>>;

/** What a reader of the document finds in it; the rest of it is for tools. */
export interface AsyncApiDocument {
  readonly asyncapi: string;
  readonly info: { readonly title: string; readonly version: string; readonly description: string };
  readonly channels: Readonly<Record<string, AsyncApiChannel>>;
  readonly operations: Readonly<Record<string, Json>>;
  readonly components: {
    readonly messages: Readonly<Record<string, AsyncApiMessage>>;
    readonly schemas: Readonly<Record<string, Json>>;
  };
}

interface AsyncApiChannel {
  /** The name of a queue, or the routing key of what is published; null where none is looked at. */
  readonly address: string | null;
  readonly title: string;
  readonly description: string;
  readonly messages: Readonly<Record<string, { readonly $ref: string }>>;
  readonly bindings: { readonly amqp: Json };
}

interface AsyncApiMessage {
  readonly name: string;
  readonly title: string;
  readonly summary: string;
  readonly contentType: string;
  readonly correlationId: Json;
  readonly headers: Json;
  readonly payload: Json;
  readonly bindings: { readonly amqp: Json };
  readonly examples: readonly { readonly payload: unknown }[];
}

const bindingVersion = '0.3.0';

const meaning: Readonly<Record<MessageKind, string>> = {
  event: 'Tells what has happened.',
  command: 'Has exactly one receiver.',
  notice: 'Goes to every channel of notification.',
  signal: 'Tells every replica to look for itself.',
};

/** The AsyncAPI 3 document of everything that services say to each other: an exchange is where it is sent, a queue is where it is taken. */
export function asyncApiDocument(): AsyncApiDocument {
  const kinds = Object.keys(topology.exchanges) as MessageKind[];
  const queues = Object.entries(topology.queues).map(([name, { takes }]) => ({ name, takes: takes as readonly MessageType[] }));
  return {
    asyncapi: '3.0.0',
    info: {
      title: 'Orderly: messages',
      version: '1',
      description:
        'What the services say to each other over RabbitMQ. The version of a message is in its name; a published one only gains members that ' +
        'may be left out, and members that a receiver does not know are dropped. Everything may come twice.',
    },
    channels: Object.fromEntries([
      ...kinds.map((kind) => [topology.exchanges[kind].name, exchangeChannel(kind)]),
      ...queues.map(({ name, takes }) => [name, queueChannel(name, takes)]),
    ]),
    operations: Object.fromEntries([
      ...kinds.map((kind) => [`send-${kind}s`, sending(kind)]),
      ...queues.map(({ name, takes }) => [name, receiving(name, takes)]),
    ]),
    components: {
      messages: Object.fromEntries(messageTypes.map((type) => [type.name, messageOf(type)])),
      schemas: { Envelope: envelopeHeaders },
    },
  };
}

const typesOf = (kind: MessageKind): readonly MessageType[] => messageTypes.filter((type) => type.kind === kind);

function exchangeChannel(kind: MessageKind): AsyncApiChannel {
  const { name, type } = topology.exchanges[kind];
  const isRouted = (type as string) !== 'fanout';
  return {
    address: isRouted ? '{messageName}' : null,
    title: `exchange ${name}`,
    description: `${meaning[kind]} ${isRouted ? 'The routing key is the name of the message.' : 'The routing key is not looked at.'}`,
    messages: messagesIn(typesOf(kind)),
    ...(isRouted && {
      parameters: { messageName: { description: 'The name of the message.', enum: typesOf(kind).map((one) => one.name) } },
    }),
    bindings: { amqp: { is: 'routingKey', exchange: { name, type, durable: true, autoDelete: false }, bindingVersion } },
  };
}

function queueChannel(name: string, takes: readonly MessageType[]): AsyncApiChannel {
  const [service = '', feature = ''] = name.split('.');
  return {
    address: name,
    title: `queue ${name}`,
    description: `A quorum queue of the ${service} service, which consumes it in \`${feature}\`.`,
    messages: messagesIn(takes),
    bindings: { amqp: { is: 'queue', queue: { name, durable: true, exclusive: false, autoDelete: false }, bindingVersion } },
  };
}

function sending(kind: MessageKind): Json {
  const channel = topology.exchanges[kind].name;
  return {
    action: 'send',
    channel: { $ref: `#/channels/${channel}` },
    summary: 'Out of the outbox of the transaction that it follows from, persistent, with a publisher confirm',
    messages: typesOf(kind).map(({ name }) => ({ $ref: `#/channels/${channel}/messages/${name}` })),
    bindings: { amqp: { deliveryMode: 2, mandatory: true, bindingVersion } },
  };
}

function receiving(queue: string, takes: readonly MessageType[]): Json {
  return {
    action: 'receive',
    channel: { $ref: `#/channels/${queue}` },
    summary: 'Acknowledged when the transaction that it was handled in has committed',
    messages: takes.map(({ name }) => ({ $ref: `#/channels/${queue}/messages/${name}` })),
    bindings: { amqp: { ack: true, bindingVersion } },
  };
}

const messagesIn = (types: readonly MessageType[]): AsyncApiChannel['messages'] =>
  Object.fromEntries(types.map(({ name }) => [name, { $ref: `#/components/messages/${name}` }]));

function messageOf({ name, kind, delivery, schema, example }: MessageType): AsyncApiMessage {
  // As input: unknown members are accepted. AsyncAPI's own dialect is a superset of draft 7.
  const { $schema: _, ...payload } = z.toJSONSchema(schema, { io: 'input', target: 'draft-7' });
  return {
    name,
    title: name,
    summary: `${kind}, ${delivery}`,
    contentType: 'application/json',
    correlationId: { location: '$message.header#/cloudEvents_correlationid' },
    headers: { $ref: '#/components/schemas/Envelope' },
    payload,
    bindings: { amqp: { messageType: name, bindingVersion } },
    examples: [{ payload: example }],
  };
}

/** What `envelopeToHeaders` writes. */
const envelopeHeaders: Json = {
  type: 'object',
  description:
    'CloudEvents 1.0 in binary mode, and the trace context of W3C. The headers that retries and dead letters add are not among them.',
  required: ['specversion', 'id', 'type', 'source', 'subject', 'time', 'dataschema', 'correlationid'].map((name) => `cloudEvents_${name}`),
  properties: {
    cloudEvents_specversion: { const: '1.0' },
    cloudEvents_id: { type: 'string', format: 'uuid', description: 'The same for each delivery, by which repeats are told apart.' },
    cloudEvents_type: { type: 'string', description: 'The name of the message.' },
    cloudEvents_source: { type: 'string', description: 'The service that said it: `/orderly/order`.' },
    cloudEvents_subject: { type: 'string', description: 'What it is about: an order, the sku of a product, or a setting.' },
    cloudEvents_time: { type: 'string', format: 'date-time' },
    cloudEvents_dataschema: { type: 'string', description: 'The published schema of its data.' },
    cloudEvents_correlationid: { type: 'string', description: "The order's story that it belongs to." },
    cloudEvents_causationid: { type: 'string', description: 'The message that made it necessary, where it was a message.' },
    cloudEvents_sequence: { type: 'integer', description: 'The version of what said it, where it has one.' },
    traceparent: { type: 'string' },
  },
};
