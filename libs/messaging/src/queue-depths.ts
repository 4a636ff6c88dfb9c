import type { ChannelModel } from 'amqplib';
import type { Topology } from '#libs/contracts';
import type { Connection } from './connection.js';
import { declarationsOf } from './declare-topology.js';

/** What waits in a queue, ready to be delivered, and how many take from it; null when the queue is not there. */
export interface QueueDepth {
  readonly name: string;
  readonly messages: number | null;
  readonly consumers: number | null;
}

/** How long the broker has for all of them. */
const patienceMs = 5_000;

/** Looks at every queue of the topology. */
export class QueueDepths {
  constructor(
    private readonly connection: Connection,
    private readonly topology: Topology,
  ) {}

  /** @throws when the broker is away, or does not answer in time */
  async read(): Promise<QueueDepth[]> {
    const { model } = this.connection;
    if (!model) throw new Error('not connected');
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new Error(`the broker has not answered within ${patienceMs} ms`)), patienceMs);
    });
    try {
      const names = [...declarationsOf(this.topology).queues.map(({ name }) => name), this.topology.auditTrail.queue];
      return await Promise.race([Promise.all(names.map((name) => depthOf(model, name))), late]);
    } finally {
      clearTimeout(timer);
    }
  }
}

/** On a channel of its own, because asking for a queue that is not there costs the channel. */
async function depthOf(model: ChannelModel, name: string): Promise<QueueDepth> {
  const channel = await model.createChannel();
  let refused = false;
  channel.on('error', () => (refused = true));
  try {
    const { messageCount: messages, consumerCount: consumers } = await channel.checkQueue(name);
    await channel.close();
    return { name, messages, consumers };
  } catch (error) {
    if (!refused) throw error;
    return { name, messages: null, consumers: null };
  }
}
