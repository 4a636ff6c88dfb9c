import { setTimeout as sleep } from 'node:timers/promises';
import { asOperator, SeededRandom } from '#libs/testing';
import type { Latency, Level, Shares } from '../report/cache.js';

/** So many read at the same time, each as soon as it has its answer. */
const readers = 4;

/** What is read: each once, in no certain order; or as customers read, a few products again and again, while prices change. */
export type Reading =
  | { readonly each: readonly string[] }
  | { readonly popular: readonly string[]; readonly seconds: number; readonly repricedPerSecond: number };

export interface Read {
  readonly reads: number;
  readonly perSecond: number;
  readonly latency: Latency;
  /** Where they came from, by what the services have counted. */
  readonly shares: Shares;
}

/** Reads products over HTTP, from the replicas in turn. */
export async function readProducts(urls: readonly string[], reading: Reading, progress: (what: string) => void): Promise<Read> {
  const random = new SeededRandom(1);
  const took: number[] = [];
  const next = 'each' in reading ? oneAfterTheOther(reading.each) : byPopularity(reading.popular, reading.seconds, random);
  const before = await countedBy(urls);
  const startedAt = performance.now();
  const stopRepricing = 'each' in reading ? async () => {} : reprice(urls, reading.popular, reading.repricedPerSecond, random);
  await Promise.all(
    Array.from({ length: readers }, async () => {
      for (let sku = next(); sku !== undefined; sku = next()) {
        const askedAt = performance.now();
        const response = await fetch(`${urls[took.length % urls.length]}/products/${sku}`);
        await response.arrayBuffer();
        if (response.status !== 200) throw new Error(`${sku} was answered with ${response.status}`);
        if (took.push(performance.now() - askedAt) % 500 === 0) progress(`${took.length} reads`);
      }
    }),
  );
  const seconds = (performance.now() - startedAt) / 1000;
  await stopRepricing();
  const after = await countedBy(urls);
  return { reads: took.length, perSecond: took.length / seconds, latency: latencyOf(took), shares: sharesOf(before, after) };
}

type Next = () => string | undefined;

function oneAfterTheOther(names: readonly string[]): Next {
  let index = 0;
  return () => names[index++];
}

/** The nth most popular is read 1/n as often as the first (Zipf). */
function byPopularity(names: readonly string[], seconds: number, random: SeededRandom): Next {
  let sum = 0;
  const upTo = names.map((_, index) => (sum += 1 / (index + 1)));
  const end = performance.now() + seconds * 1000;
  return () => {
    if (performance.now() >= end) return undefined;
    const wanted = random.next() * sum;
    let [low, high] = [0, names.length - 1];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (upTo[middle]! < wanted) low = middle + 1;
      else high = middle;
    }
    return names[low];
  };
}

/** Changes the price of one of the hundred most popular products again and again. Returns what ends that. */
function reprice(urls: readonly string[], names: readonly string[], perSecond: number, random: SeededRandom): () => Promise<void> {
  const stop = new AbortController();
  const repricing = (async () => {
    while (!stop.signal.aborted) {
      const sku = names[Math.floor(random.next() * Math.min(100, names.length))]!;
      const response = await fetch(`${urls[0]}/products/${sku}/price`, {
        method: 'PUT',
        headers: { 'content-type': 'application/json', ...asOperator('olga') },
        body: JSON.stringify({ amountMinor: 100 + Math.floor(random.next() * 10_000), currency: 'EUR' }),
      });
      if (!response.ok) throw new Error(`a price was not changed: ${response.status} ${await response.text()}`);
      await sleep(1000 / perSecond, undefined, { signal: stop.signal }).catch(() => {});
    }
  })();
  return async () => {
    stop.abort();
    await repricing;
  };
}

const levels = ['memory', 'redis', 'database', 'stale'] as const satisfies readonly Level[];

async function countedBy(urls: readonly string[]): Promise<Record<Level, number>> {
  const pages = await Promise.all(urls.map(async (url) => (await fetch(`${url}/metrics`)).text()));
  const counted = (level: Level) =>
    pages.reduce(
      (sum, page) =>
        sum + Number(new RegExp(`^orderly_product_reads_total\\{[^}]*from="${level}"[^}]*\\} (\\d+)`, 'm').exec(page)?.[1] ?? 0),
      0,
    );
  return Object.fromEntries(levels.map((level) => [level, counted(level)])) as Record<Level, number>;
}

function sharesOf(before: Record<Level, number>, after: Record<Level, number>): Shares {
  const all = levels.reduce((sum, level) => sum + after[level] - before[level], 0);
  return Object.fromEntries(levels.map((level) => [level, (after[level] - before[level]) / all])) as unknown as Shares;
}

function latencyOf(took: readonly number[]): Latency {
  const sorted = took.toSorted((a, b) => a - b);
  const at = (share: number) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
  return { p50: at(0.5), p99: at(0.99), most: at(1) };
}
