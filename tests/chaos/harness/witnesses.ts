import { Client } from 'pg';
import type { ConsumeMessage, GetMessage } from 'amqplib';
import { topology } from '#libs/contracts';
import type { OrderRow, ProviderRow } from './judge.js';
import { onChannel } from './faults/broker.js';
import type { ChaosWorld } from './world.js';

export async function readOrders({ databaseUrls }: ChaosWorld): Promise<OrderRow[]> {
  return rows(databaseUrls.order, 'SELECT id::text, customer_id AS customer, status, total_minor::int AS "totalMinor" FROM orders');
}

/** What stands in the provider's own books. */
export async function readProvider({ databaseUrls }: ChaosWorld): Promise<ProviderRow[]> {
  return rows(
    databaseUrls['psp-simulator'],
    `SELECT metadata->>'order_id' AS "orderId", count(*) FILTER (WHERE amount_received_minor > coalesce(returned, 0))::int AS held,
            coalesce(sum(returned), 0)::int AS "returnedMinor"
       FROM payment_intents
       LEFT JOIN (SELECT payment_intent, sum(amount_minor) AS returned FROM refunds WHERE status = 'succeeded' GROUP BY payment_intent) AS r
         ON r.payment_intent = id
      WHERE status = 'succeeded' GROUP BY 1`,
  );
}

/** Takes our own poison out of the dead letters; whatever else is there stays. @returns the ids of what was taken */
export async function takePoison(world: ChaosWorld, sent: ReadonlySet<string>): Promise<string[]> {
  return onChannel(world, async (channel) => {
    const taken: string[] = [];
    const others: GetMessage[] = [];
    for (;;) {
      const message = await channel.get(topology.deadLetters, { noAck: false });
      if (!message) break;
      const id = String((message as unknown as ConsumeMessage).properties.messageId);
      if (!sent.has(id)) {
        others.push(message);
        continue;
      }
      channel.ack(message);
      taken.push(id);
    }
    for (const message of others) channel.nack(message, false, true);
    // What has been said on the channel is done when the next thing is answered.
    await channel.checkQueue(topology.deadLetters);
    return taken;
  });
}

async function rows<Row extends object>(url: string, sql: string): Promise<Row[]> {
  const client = new Client({ connectionString: url, application_name: 'chaos-witness', connectionTimeoutMillis: 10_000 });
  client.on('error', () => {});
  await client.connect();
  try {
    return (await client.query<Row>(sql)).rows;
  } finally {
    await client.end();
  }
}
