import { connect } from 'amqplib';
import { topology, type MessageType, type QueueDeclaration } from '#libs/contracts';

/** A message as it passed an exchange. */
export interface SeenMessage {
  readonly exchange: string;
  readonly type: string;
  /** The order that it is about. */
  readonly orderId: string;
  /** Where the exchange took it to. */
  readonly receivers: readonly string[];
}

const { exchanges, delay } = topology;
export const { deadLetters } = topology;
const queues: readonly [string, QueueDeclaration][] = Object.entries(topology.queues);
const delivery = `${delay.name}.deliver`;

/**
 * Listens in on the exchanges, on a queue of its own that goes when it is closed: what it sees it sees as any queue does, from the broker.
 * @param onMessage called with every message from now on, in the order in which they came
 */
export async function listenIn(rabbitmqUrl: string, onMessage: (message: SeenMessage) => void): Promise<{ close(): Promise<void> }> {
  const connection = await connect(rabbitmqUrl, { noDelay: true, clientProperties: { connection_name: 'demo story' } });
  // What ends it is seen by what doesn't arrive.
  connection.on('error', () => {});
  const channel = await connection.createChannel();
  channel.on('error', () => {});
  const { queue } = await channel.assertQueue('', { exclusive: true, autoDelete: true });
  const commands = queues.flatMap(([, { takes }]) => takes).filter(({ kind }) => kind === 'command');
  const bindings = [
    ...[exchanges.event.name, exchanges.notice.name, delay.name, delivery, deadLetters].map((exchange) => [exchange, '#'] as const),
    // A direct exchange knows no patterns.
    ...commands.map(({ name }) => [exchanges.command.name, name] as const),
  ];
  for (const [exchange, key] of bindings) await channel.bindQueue(queue, exchange, key);
  await channel.consume(
    queue,
    (message) => {
      if (!message) return;
      const { exchange, routingKey } = message.fields;
      const headers = message.properties.headers ?? {};
      const type = String(headers['cloudEvents_type'] ?? message.properties.type);
      onMessage({ exchange, type, orderId: String(headers['cloudEvents_subject']), receivers: receiversOf(exchange, routingKey, type) });
    },
    { noAck: true },
  );
  return { close: () => connection.close() };
}

/** Where the topology takes a message of this type from this exchange. */
export function receiversOf(exchange: string, routingKey: string, type: string): string[] {
  if (exchange === deadLetters) return [deadLetters];
  if (exchange === delay.name) return [`${delay.name}.${routingKey.split('.')[0]}`];
  if (exchange === delivery) return queues.map(([name]) => name).filter((name) => routingKey.endsWith(`.${name}`) || routingKey === name);
  const takesIt = ({ takes }: QueueDeclaration) =>
    takes.some((taken: MessageType) => taken.name === type && exchanges[taken.kind].name === exchange);
  const receivers = queues.filter(([, declaration]) => takesIt(declaration)).map(([name]) => name);
  return exchange === exchanges.notice.name ? [...receivers, 'every live stream'] : receivers;
}
