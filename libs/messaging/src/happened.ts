import type { EntityManager } from 'typeorm';
import { topology, type Happening } from '#libs/contracts';

/** The most rows of each kind: an order that has more of them is for a person with SQL. */
const most = 200;

/**
 * What the tables of messaging in a service's database say of one order: what it has said that has not left, and which of some messages
 * its queues have handled.
 */
export async function happenedInMessaging(
  manager: EntityManager,
  service: string,
  { orderId, messageIds }: { readonly orderId: string; readonly messageIds: readonly string[] },
): Promise<Happening[]> {
  const consumers = Object.keys(topology.queues).filter((queue) => queue.startsWith(`${service}.`));
  const handled: { consumer: string; message_id: string; handled_at: Date }[] = await manager.query(
    `SELECT consumer, message_id, handled_at FROM inbox WHERE consumer = ANY($1::text[]) AND message_id = ANY($2::uuid[]) LIMIT $3`,
    [consumers, messageIds, most],
  );
  // The outbox has no index by order: it is empty, but for outages, and rows are cheaper to write than to find.
  const unsent: {
    id: string;
    type: string;
    at: Date;
    due_at: Date | null;
    error: string | null;
    parked: boolean;
    causation: string | null;
  }[] = await manager.query(
    `SELECT id, type, at, due_at, error, false AS parked, headers->>'cloudEvents_causationid' AS causation
         FROM outbox WHERE headers->>'cloudEvents_subject' = $1
       UNION ALL
       SELECT id, type, at, due_at, error, true, headers->>'cloudEvents_causationid'
         FROM outbox_parked WHERE headers->>'cloudEvents_subject' = $1
       LIMIT $2`,
    [orderId, most],
  );
  return [
    ...handled.map(({ consumer, message_id: id, handled_at: at }): Happening => ({
      at: at.toISOString(),
      kind: 'delivery',
      what: `${consumer} handled it`,
      id: `${consumer}/${id}`,
      causedBy: id,
      details: { queue: consumer },
    })),
    ...unsent.map(({ id, type, at, due_at: due, error, parked, causation }): Happening => ({
      at: at.toISOString(),
      kind: parked ? 'parked' : 'waiting',
      what: parked ? `${type} is parked in the outbox` : `${type} waits in the outbox`,
      id: `outbox/${id}`,
      ...(causation && { causedBy: causation }),
      details: { messageId: id, type, ...(due && { due: due.toISOString() }), ...(error && { error }) },
    })),
  ];
}
