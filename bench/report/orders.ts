import type { Machine } from '../measuring/machine.js';
import { outstanding, type Figures, type Latency } from '../measuring/run.js';
import { digits, table } from './markdown.js';
import { median, ratioOf, spread } from './statistics.js';

/** What a run of `npm run bench` has shown: as it is kept, and as the page about it is written from. */
export interface OrdersReport {
  /** The day, as ISO 8601. */
  readonly takenOn: string;
  readonly command: string;
  readonly machine: Machine;
  readonly perSecond: number;
  readonly seconds: number;
  readonly contenders: readonly ContenderReport[];
}

export interface ContenderReport {
  readonly name: string;
  readonly about: string;
  readonly warmUpOrders: number;
  /** At saturation. */
  readonly orders: number;
  /** One for each round; those of the same place were taken one after the other. */
  readonly rounds: readonly Figures[];
}

/** One line of the table: what it is called, what it means, and what it shows of figures of which each is a median. */
interface Line {
  readonly title: string;
  readonly explained?: string;
  readonly show: (figures: Figures) => string;
}

const lines = (report: OrdersReport): Line[] => [
  {
    title: 'orders/s',
    explained: `From the first request until the last customer was told, as fast as it goes; at most ${outstanding.toLocaleString('en-US')} orders are under way.`,
    show: ({ ordersPerSecond }) => digits(ordersPerSecond),
  },
  {
    title: 'CPU-ms per order',
    explained:
      'Processor time of everything but the load generator, HTTP included. Below it stands what each process has used, and how much of all this was in the kernel.',
    show: ({ processorMs }) => digits(processorMs),
  },
  { title: '· Postgres', show: ({ processorMsByPlace }) => digits(processorMsByPlace.postgres) },
  { title: '· RabbitMQ', show: ({ processorMsByPlace }) => digits(processorMsByPlace.rabbitmq) },
  { title: '· order service', show: ({ processorMsByPlace }) => digits(processorMsByPlace.order) },
  { title: '· payment service', show: ({ processorMsByPlace }) => digits(processorMsByPlace.payment) },
  { title: '· notification service', show: ({ processorMsByPlace }) => digits(processorMsByPlace.notification) },
  { title: '· of all this, in the kernel', show: ({ kernelMs }) => digits(kernelMs) },
  {
    title: 'write transactions per order',
    explained: 'Transactions that have changed something, by the numbers that Postgres gives to them.',
    show: ({ writeTransactions }) => digits(writeTransactions),
  },
  {
    title: 'round trips per order',
    explained: 'Statements that Postgres was sent, BEGIN and COMMIT included.',
    show: ({ statements }) => digits(statements),
  },
  {
    title: 'messages published / delivered per order',
    explained: 'What RabbitMQ took, and what it handed out; over the whole run, by its own count.',
    show: ({ published, delivered }) => `${digits(published)} / ${digits(delivered)}`,
  },
  { title: 'WAL KB per order', explained: 'What Postgres wrote to its log.', show: ({ walBytes }) => digits(walBytes / 1024) },
  {
    title: 'told at saturation, ms',
    explained: 'From when an order was due to be sent until the commit by which its customer was told that it is paid: p50 / p95 / p99.',
    show: ({ toldAtSaturation }) => showLatency(toldAtSaturation),
  },
  {
    title: `told at ${report.perSecond} orders/s, ms`,
    explained:
      'The same under a steady load: an order is due at its time, whatever became of those before, so who cannot keep up falls behind.',
    show: ({ toldPaced }) => showLatency(toldPaced),
  },
  {
    title: 'peak memory, MB',
    explained: 'The most that each service has held (RSS): order / payment / notification.',
    show: ({ peakMemoryMb: { order, payment, notification } }) => [order, payment, notification].map(Math.round).join(' / '),
  },
  {
    title: 'load generator, CPU-ms per order',
    explained: 'Not counted above; it runs on the same machine and takes from it.',
    show: ({ loadGeneratorMs }) => digits(loadGeneratorMs),
  },
];

const showLatency = ({ p50, p95, p99 }: Latency): string => [p50, p95, p99].map(digits).join(' / ');

/** What is compared; `better` tells which way is good. */
const compared: { readonly title: string; readonly better: 'more' | 'less'; readonly of: (figures: Figures) => number }[] = [
  { title: 'orders/s', better: 'more', of: ({ ordersPerSecond }) => ordersPerSecond },
  { title: 'CPU per order', better: 'less', of: ({ processorMs }) => processorMs },
  { title: 'write transactions', better: 'less', of: ({ writeTransactions }) => writeTransactions },
  { title: 'round trips', better: 'less', of: ({ statements }) => statements },
  { title: 'WAL', better: 'less', of: ({ walBytes }) => walBytes },
  { title: 'told p99, steady', better: 'less', of: ({ toldPaced }) => toldPaced.p99 },
];

/** The figures of each contender: medians over its rounds. */
export function figuresTable(report: OrdersReport): string[] {
  const medians = report.contenders.map(({ rounds }) => medianFigures(rounds));
  return table(
    ['', ...report.contenders.map(({ name }) => name)],
    lines(report).map(({ title, show }) => [title, ...medians.map(show)]),
  );
}

/** What each line of it means. */
export function explanations(report: OrdersReport): string[] {
  return lines(report).flatMap(({ title, explained }) => (explained === undefined ? [] : [`- **${title}**: ${explained}`]));
}

/**
 * Orderly against each of the others: the median over the rounds, and the least and the most.
 * @returns nothing when there is nobody to compare with
 */
export function ratiosTable(report: OrdersReport): string[] {
  const ours = report.contenders.find(({ name }) => name === 'orderly');
  const others = report.contenders.filter((contender) => contender !== ours);
  if (!ours || others.length === 0) return [];
  return table(
    ['orderly against', ...others.map(({ name }) => name)],
    compared.map(({ title, better, of }) => [
      `${title} (${better} is better)`,
      ...others.map(({ rounds }) => {
        const { median: middle, least, most } = ratioOf(ours.rounds.map(of), rounds.map(of));
        return rounds.length === 1 ? `${digits(middle)} ×` : `${digits(middle)} × (${digits(least)}–${digits(most)})`;
      }),
    ]),
  );
}

/** From where on rounds differ too much to be believed. */
const tolerable = 0.25;

/** One line for each contender whose rounds don't agree. */
export function doubts(report: OrdersReport): string[] {
  return report.contenders.flatMap(({ name, rounds }) => {
    const apart = spread(rounds.map(({ processorMs }) => processorMs));
    if (apart <= tolerable) return [];
    return [
      `The CPU per order of ${name} differs by ${Math.round(apart * 100)} % between rounds: this machine was busy with something else.`,
    ];
  });
}

/** Each figure by itself: the median latency is of another round than the median cost, maybe. */
function medianFigures(rounds: readonly Figures[]): Figures {
  return medianOf(rounds) as Figures;
}

/** The same shape, with the median of each number. */
function medianOf(samples: readonly unknown[]): unknown {
  const [first] = samples;
  if (typeof first === 'number') return median(samples as number[]);
  return Object.fromEntries(
    Object.keys(first as object).map((key) => [key, medianOf(samples.map((sample) => (sample as Record<string, unknown>)[key]))]),
  );
}
