import { Client } from 'pg';
import { eventually } from '#libs/testing';
import type { Contender, RunningContender } from '../contenders/contender.js';
import { messagesOf, type PostgresCounters } from './counters.js';
import type { LoadDone, LoadGenerator } from './load.js';
import { peakMemoryMb, processorTimeOf, type ProcessorTime } from './processor-time.js';
import { untilAtRest } from './rest.js';
import type { Ground, Servers } from './servers.js';

/** How much of what is measured. */
export interface Size {
  /** Before anything counts: for compilers to compile, pools to fill and caches to warm. */
  readonly warmUpOrders: number;
  readonly orders: number;
  readonly perSecond: number;
  readonly seconds: number;
}

export type Service = 'order' | 'payment' | 'notification';
/** Where processor time is spent. */
export type Place = 'postgres' | 'rabbitmq' | Service;

/** 50th, 95th and 99th percentile, in milliseconds. */
export interface Latency {
  readonly p50: number;
  readonly p95: number;
  readonly p99: number;
}

/** What one run has shown. "Per order" is of the orders at saturation. */
export interface Figures {
  readonly ordersPerSecond: number;
  /** Processor time per order, in ms: of everything but the load generator. */
  readonly processorMs: number;
  readonly processorMsByPlace: Readonly<Record<Place, number>>;
  /** How much of it was spent in the kernel. */
  readonly kernelMs: number;
  readonly loadGeneratorMs: number;
  readonly writeTransactions: number;
  readonly statements: number;
  readonly published: number;
  readonly delivered: number;
  readonly walBytes: number;
  /** From when an order was due to be sent until the commit by which its customer has been told that it is paid. */
  readonly toldAtSaturation: Latency;
  readonly toldPaced: Latency;
  /** Of the services alone: the servers were there before, and others have used them. */
  readonly peakMemoryMb: Readonly<Record<Service, number>>;
}

export interface Bench {
  readonly servers: Servers;
  readonly counters: PostgresCounters;
  readonly load: LoadGenerator;
  readonly size: Size;
  /** Says what is being done. */
  readonly progress: (what: string) => void;
}

/** The books of a contender are wrong after its run, so its figures are worth nothing. */
export class BooksAreWrong extends Error {
  override readonly name = 'BooksAreWrong';
}

/** Of the load generator. */
export const connections = 512;
/** The most orders that are accepted and not yet told of. */
export const outstanding = 2_000;
/** How long a contender may take to come to rest after its last order was told. */
const restWithinMs = 120_000;

/**
 * Starts a contender on empty ground and takes its figures.
 * @throws BooksAreWrong
 */
export async function measure(contender: Contender, bench: Bench): Promise<Figures> {
  const ground = await bench.servers.ground();
  try {
    bench.progress('starting');
    const running = await contender.start(ground);
    try {
      return await figuresOf(running, ground, bench);
    } finally {
      await running.stop();
    }
  } finally {
    await ground.clear();
  }
}

async function figuresOf(running: RunningContender, ground: Ground, bench: Bench): Promise<Figures> {
  const { counters, load, size, servers, progress } = bench;
  const told = { databaseUrl: ground.databaseUrls.notification, count: running.toldCount };
  const saturating = { kind: 'saturating', url: running.url, connections, outstanding, told } as const;
  const pids = { ...servers.pids, ...running.pids };

  progress(`${size.warmUpOrders} orders to warm up`);
  await load.put({ ...saturating, orders: size.warmUpOrders });

  progress(`${size.orders} orders as fast as it can`);
  await counters.checkpoint();
  const countedBefore = await counters.read();
  const usedBefore = usageOf(pids);
  const startedAt = Date.now();
  const { placed, processorMs: loadGeneratorMs } = await load.put({ ...saturating, orders: size.orders });
  const usedAfter = usageOf(pids);
  const countedAfter = await counters.read();
  const saturated = await latencies(running, told.databaseUrl, placed);

  // What the burst has left to do would stand in the way of the first paced orders.
  progress('coming to rest');
  await untilAtRest(ground.vhost, counters, restWithinMs);

  progress(`${size.perSecond} orders/s for ${size.seconds} s`);
  const { placed: paced } = await load.put({ kind: 'paced', url: running.url, perSecond: size.perSecond, seconds: size.seconds });
  const pacedLatencies = await latencies(running, told.databaseUrl, paced);
  const peakMemory = mapEach(running.pids, peakMemoryMb);

  progress('checking the books');
  const [faults, messages] = await Promise.all([running.faults(), messagesOf(ground.vhost)]);
  if (faults.length > 0) throw new BooksAreWrong(faults.join('\n'));
  const all = size.warmUpOrders + size.orders + size.perSecond * size.seconds;

  const used = mapEach(pids, (_, place) => {
    const [before, after] = [usedBefore[place], usedAfter[place]];
    return { userMs: after.userMs - before.userMs, kernelMs: after.kernelMs - before.kernelMs };
  });
  const each = (amount: number) => amount / size.orders;
  const processorMsByPlace = mapEach(pids, (_, place) => each(used[place].userMs + used[place].kernelMs));
  return {
    ordersPerSecond: size.orders / ((saturated.lastToldAt - startedAt) / 1000),
    processorMs: sum(Object.values(processorMsByPlace)),
    processorMsByPlace,
    kernelMs: each(sum(Object.values(used).map(({ kernelMs }) => kernelMs))),
    loadGeneratorMs: each(loadGeneratorMs),
    writeTransactions: each(countedAfter.writeTransactions - countedBefore.writeTransactions),
    statements: each(countedAfter.statements - countedBefore.statements),
    published: messages.published / all,
    delivered: messages.delivered / all,
    walBytes: each(countedAfter.walBytes - countedBefore.walBytes),
    toldAtSaturation: saturated.latency,
    toldPaced: pacedLatencies.latency,
    peakMemoryMb: peakMemory,
  };
}

type Placed = Extract<LoadDone, { kind: 'done' }>['placed'];

/** Waits until every one of these orders has been told of. */
async function latencies(
  running: RunningContender,
  databaseUrl: string,
  placed: Placed,
): Promise<{ latency: Latency; lastToldAt: number }> {
  const client = new Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    const toldAt = await eventually(
      async () => {
        const { rows } = await client.query<{ order_id: string; told_at: Date }>(running.toldTimes);
        const times = new Map(rows.map((row) => [row.order_id, row.told_at.getTime()]));
        const missing = placed.filter(({ id }) => !times.has(id)).length;
        if (missing > 0) throw new Error(`${missing} of ${placed.length} orders were never told of`);
        return times;
      },
      { within: 60_000, every: 250 },
    );
    const waits = placed.map(({ id, dueAt }) => toldAt.get(id)! - dueAt).toSorted((a, b) => a - b);
    const percentile = (share: number) => waits[Math.min(waits.length - 1, Math.floor(waits.length * share))]!;
    let lastToldAt = 0;
    for (const { id } of placed) lastToldAt = Math.max(lastToldAt, toldAt.get(id)!);
    return { latency: { p50: percentile(0.5), p95: percentile(0.95), p99: percentile(0.99) }, lastToldAt };
  } finally {
    await client.end();
  }
}

const usageOf = (pids: Readonly<Record<Place, number>>): Record<Place, ProcessorTime> => mapEach(pids, processorTimeOf);

function mapEach<Key extends string, Value>(
  pids: Readonly<Record<Key, number>>,
  value: (pid: number, key: Key) => Value,
): Record<Key, Value> {
  const entries = Object.entries<number>(pids).map(([key, pid]) => [key, value(pid, key as Key)]);
  return Object.fromEntries(entries) as Record<Key, Value>;
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
