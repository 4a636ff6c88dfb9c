import { eventually, type TestVhost } from '#libs/testing';
import type { PostgresCounters } from './counters.js';

/** Longer than a message takes from one service to the next, and shorter than anything that writes at intervals. */
const quietMs = 500;

/**
 * Waits until nothing is under way: no message stands in a queue that somebody consumes, and Postgres has written nothing for a while.
 * @throws when that takes longer than `within` milliseconds
 */
export async function untilAtRest(vhost: TestVhost, counters: PostgresCounters, within: number): Promise<void> {
  const declared = (await vhost.manage('GET', '/api/queues/{vhost}')) as { name: string; exclusive: boolean }[];
  // One that belongs to a connection can't be asked for by another.
  const queues = declared.filter(({ exclusive }) => !exclusive).map(({ name }) => name);
  let written = (await counters.read()).writeTransactions;
  await eventually(
    async () => {
      const depths = await Promise.all(queues.map((queue) => vhost.depth(queue)));
      const waiting = depths.filter(({ consumers }) => consumers > 0).reduce((sum, { messages }) => sum + messages, 0);
      const before = written;
      written = (await counters.read()).writeTransactions;
      if (waiting > 0) throw new Error(`${waiting} messages still wait in the queues`);
      if (written > before) throw new Error(`${written - before} transactions have still written something in ${quietMs} ms`);
    },
    { within, every: quietMs },
  );
}
