import { digits, table } from './markdown.js';
import type { Provenance } from './provenance.js';

export type Level = 'memory' | 'redis' | 'database' | 'stale';
export type Shares = Readonly<Record<Level, number>>;

/** From asking to having the answer, over HTTP, in milliseconds. */
export interface Latency {
  readonly p50: number;
  readonly p99: number;
  readonly most: number;
}

export interface LevelReport {
  readonly level: Level;
  readonly reads: number;
  readonly latency: Latency;
  readonly perSecond: number;
}

export interface ShareReport {
  /** Which levels there were. */
  readonly title: string;
  readonly reads: number;
  readonly latency: Latency;
  readonly shares: Shares;
}

/** What a run of `npm run bench:cache` has shown. */
export interface CacheReport extends Provenance {
  readonly products: number;
  /** For how long customers read. */
  readonly seconds: number;
  /** How long a copy was taken for fresh meanwhile. */
  readonly freshSeconds: number;
  readonly levels: readonly LevelReport[];
  readonly mixes: readonly ShareReport[];
}

const times = ({ p50, p99, most }: Latency): string => [p50, p99, most].map(digits).join(' / ');
const percent = (share: number): string => `${digits(share * 100)} %`;

export function cacheTables({ levels, mixes }: CacheReport): string[] {
  return [
    ...table(
      ['each product once, from', 'reads', 'ms: p50 / p99 / most', 'reads/s'],
      levels.map(({ level, reads, latency, perSecond }) => [level, digits(reads), times(latency), digits(perSecond)]),
    ),
    '',
    ...table(
      ['as customers read', 'reads', 'memory', 'Redis', 'database', 'ms: p50 / p99 / most'],
      mixes.map(({ title, reads, latency, shares: { memory, redis, database } }) => [
        title,
        digits(reads),
        percent(memory),
        percent(redis),
        percent(database),
        times(latency),
      ]),
    ),
  ];
}

export function cacheSection(report: CacheReport): string[] {
  const { products, seconds, freshSeconds } = report;
  return [
    '## Reading products',
    '',
    `${digits(products)} products, read over HTTP by four at a time: first each once, from a replica that has none yet, from another beside it, and`,
    `from that one again. Then for ${seconds} s as customers read, from two replicas that begin with nothing: the nth most popular 1/n as often as`,
    `the first, while the price of five popular ones changes each second and a copy is fresh for ${freshSeconds} s.`,
    '',
    ...cacheTables(report),
  ];
}
