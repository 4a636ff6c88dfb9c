import type { Cost } from '../measuring/burst.js';
import { customers } from '../seeding/orders.js';
import { digits, table } from './markdown.js';
import type { Provenance } from './provenance.js';
import { median, ratioOf, spread } from './statistics.js';

/** What a run of `npm run bench:growth` has shown. */
export interface GrowthReport extends Provenance {
  readonly rounds: number;
  readonly warmUpOrders: number;
  readonly orders: number;
  /** The first is what the others are compared with. */
  readonly stocks: readonly StockReport[];
  readonly backlog: BacklogReport;
}

/** What orders cost when there are others already. */
export interface StockReport {
  readonly finished: number;
  /** Those that await their payment, with their deadlines in the delay queues. */
  readonly waiting: number;
  /** One for each round; those of the same place were taken one after the other. */
  readonly rounds: Cost[];
}

export interface BacklogReport {
  readonly messages: number;
  readonly seconds: number;
  readonly perSecond: number;
  /** Of Postgres, RabbitMQ and the order service, for each message. */
  readonly processorMs: number;
  /** What the order service held before, and after each quarter of the messages. */
  readonly memoryMb: readonly number[];
  readonly mostMemoryMb: number;
}

const lines: readonly { readonly title: string; readonly of: (cost: Cost) => number }[] = [
  { title: 'CPU-ms per order', of: ({ processorMs }) => processorMs },
  { title: '· Postgres', of: ({ processorMsByPlace }) => processorMsByPlace.postgres },
  { title: '· RabbitMQ', of: ({ processorMsByPlace }) => processorMsByPlace.rabbitmq },
  {
    title: '· the three services',
    of: ({ processorMsByPlace: { order, payment, notification } }) => order + payment + notification,
  },
  { title: 'orders/s', of: ({ ordersPerSecond }) => ordersPerSecond },
  { title: 'write transactions per order', of: ({ writeTransactions }) => writeTransactions },
  { title: 'round trips per order', of: ({ statements }) => statements },
  { title: 'WAL KB per order', of: ({ walBytes }) => walBytes / 1024 },
];

/** Medians, and the cost of each stock against the first one's. */
export function growthTable({ stocks }: GrowthReport): string[] {
  const [first] = stocks;
  const cost = ({ processorMs }: Cost) => processorMs;
  const ratios = stocks.map(({ rounds }) => {
    if (!first || rounds === first.rounds) return '1 ×';
    const ratio = ratioOf(rounds.map(cost), first.rounds.map(cost));
    return rounds.length === 1 ? `${digits(ratio.median)} ×` : `${digits(ratio.median)} × (${digits(ratio.least)}–${digits(ratio.most)})`;
  });
  const [all, ...parts] = lines.map(({ title, of }) => [title, ...stocks.map(({ rounds }) => digits(median(rounds.map(of))))]);
  return table(['orders already there', ...stocks.map(nameOf)], [all!, ['· against the first', ...ratios], ...parts]);
}

function nameOf({ finished, waiting }: StockReport): string {
  return waiting === 0 ? digits(finished) : `${digits(finished)} + ${digits(waiting)} waiting`;
}

export function backlogTable({ backlog }: GrowthReport): string[] {
  const { messages, seconds, perSecond, processorMs, memoryMb, mostMemoryMb } = backlog;
  return table(
    ['a backlog', digits(messages)],
    [
      ['messages/s', digits(perSecond)],
      ['seconds', digits(seconds)],
      ['CPU-ms per message', digits(processorMs)],
      ['order service, MB: before, and after each quarter', memoryMb.map((mb) => Math.round(mb)).join(' / ')],
      ['order service, MB: the most', digits(mostMemoryMb)],
    ],
  );
}

/** From where on rounds differ too much to be believed. */
const tolerable = 0.25;

export function doubtsAboutGrowth({ stocks }: GrowthReport): string[] {
  return stocks.flatMap((stock) => {
    const apart = spread(stock.rounds.map(({ processorMs }) => processorMs));
    if (apart <= tolerable) return [];
    return [
      `The CPU per order with ${nameOf(stock)} orders differs by ${Math.round(apart * 100)} % between rounds: this machine was busy with something else.`,
    ];
  });
}

export function growthSection(report: GrowthReport): string[] {
  const { rounds, warmUpOrders, orders, backlog } = report;
  return [
    '## With many orders, and after an outage',
    '',
    'What an order of *orderly* costs, as above, when others are there already: finished ones of the last day, in the tables of all three',
    'services and with their Idempotency-Keys; and ones that await their payment, whose deadlines stand in the delay queues, half of them in',
    'the lane of 900 s and half in the cascade.',
    '',
    ...growthTable(report),
    '',
    ...doubtsAboutGrowth(report).flatMap((doubt) => [`> ${doubt}`, '']),
    rounds === 1
      ? 'Each figure is of a single round. In it, a column has'
      : `Each figure is the median of ${rounds} rounds, in which the columns take turns; the ratios are of each round, with the least and the most of them. In a round, a column has`,
    `the same tables as in any other, ${digits(warmUpOrders)} orders to warm up, a checkpoint, and then ${digits(orders)} orders at saturation, by ${digits(customers)} customers whose rows`,
    'lie all over the tables. After a checkpoint Postgres logs each page as a whole when it is touched for the first time; that is what WAL grows by here.',
    '',
    `Then an outage: the broker is away, ${digits(backlog.messages)} messages gather in the outbox of the order service, and it comes back. From the first`,
    'message that it takes to the last, while nobody consumes them; each has come once:',
    '',
    ...backlogTable(report),
  ];
}
