import { Gate, planned } from './crash-points.spec-support.js';
import type { World } from './world.spec-support.js';

/** The second begins when the first has done all but commit, and the first commits when the second has ended or waits for it. */
export async function atOnce(world: World, first: () => Promise<unknown>, second: () => Promise<unknown>): Promise<void> {
  world.tell('At the same time, the first having done all but commit:');
  const gate = new Gate();
  const one = settled(planned({ gate }, first));
  await Promise.race([gate.reached, one]);
  const other = settled(second());
  const ended = other.then(() => true);
  const soon = () => new Promise<false>((wake) => setImmediate(() => wake(false)));
  while (!(await Promise.race([ended, soon()])) && !(await somebodyWaits(world)));
  gate.release();
  for (const outcome of [await one, await other]) if (outcome.status === 'rejected') throw outcome.reason;
}

async function settled(work: Promise<unknown>): Promise<PromiseSettledResult<unknown>> {
  return (await Promise.allSettled([work]))[0];
}

async function somebodyWaits({ services }: World): Promise<boolean> {
  const waiting = `SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock' LIMIT 1`;
  const found: unknown[][] = await Promise.all([services.orders.query(waiting), services.payments.query(waiting)]);
  return found.some((rows) => rows.length > 0);
}
