import type { RunningContender } from '../contenders/contender.js';
import { firstIdAt } from '../seeding/ids.js';
import type { PostgresCounters } from './counters.js';
import type { LoadGenerator } from './load.js';
import { processorTimeOf } from './processor-time.js';
import { connections, outstanding, type Figures, type Place } from './run.js';
import type { Ground, Servers } from './servers.js';

/** What orders have cost, each on average. */
export type Cost = Pick<
  Figures,
  'ordersPerSecond' | 'processorMs' | 'processorMsByPlace' | 'kernelMs' | 'writeTransactions' | 'statements' | 'walBytes'
>;

export interface Burst {
  readonly orders: number;
  /** Who places them: one of so many customers, at random. */
  readonly customers: number;
}

interface Bench {
  readonly servers: Servers;
  readonly counters: PostgresCounters;
  readonly load: LoadGenerator;
}

/** Places orders as fast as it goes, waits until all their customers have been told, and says what that has cost. */
export async function burst(
  { orders, customers }: Burst,
  { url, pids, toldCount }: RunningContender,
  ground: Ground,
  { servers, counters, load }: Bench,
): Promise<Cost> {
  // Without the narrowing, the load generator would count all that were ever told, again and again.
  const told = { databaseUrl: ground.databaseUrls.notification, count: `${toldCount} AND order_id >= '${firstIdAt(Date.now())}'` };
  const places = Object.entries({ ...servers.pids, ...pids }) as [Place, number][];
  const usage = () => places.map(([place, pid]) => [place, processorTimeOf(pid)] as const);

  await counters.checkpoint();
  const countedBefore = await counters.read();
  const usedBefore = new Map(usage());
  const startedAt = Date.now();
  await load.put({ kind: 'saturating', url, orders, connections, outstanding, customers, told });
  const seconds = (Date.now() - startedAt) / 1000;
  const usedAfter = usage();
  const countedAfter = await counters.read();

  const each = (amount: number) => amount / orders;
  const used = usedAfter.map(([place, { userMs, kernelMs }]) => {
    const before = usedBefore.get(place)!;
    return { place, userMs: each(userMs - before.userMs), kernelMs: each(kernelMs - before.kernelMs) };
  });
  return {
    ordersPerSecond: orders / seconds,
    processorMs: used.reduce((sum, { userMs, kernelMs }) => sum + userMs + kernelMs, 0),
    processorMsByPlace: Object.fromEntries(
      used.map(({ place, userMs, kernelMs }) => [place, userMs + kernelMs]),
    ) as Cost['processorMsByPlace'],
    kernelMs: used.reduce((sum, { kernelMs }) => sum + kernelMs, 0),
    writeTransactions: each(countedAfter.writeTransactions - countedBefore.writeTransactions),
    statements: each(countedAfter.statements - countedBefore.statements),
    walBytes: each(countedAfter.walBytes - countedBefore.walBytes),
  };
}
