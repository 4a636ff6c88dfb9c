import type { Cost } from '../measuring/burst.js';
import type { Service } from '../measuring/run.js';
import { digits, table } from './markdown.js';
import type { Provenance } from './provenance.js';

/** What a run of `npm run bench:soak` has shown. */
export interface SoakReport extends Provenance {
  /** Of each stretch. */
  readonly orders: number;
  readonly stretches: readonly StretchReport[];
}

export interface StretchReport {
  /** When it ended, in minutes since the first began. */
  readonly untilMinute: number;
  readonly cost: Cost;
  readonly mostMemoryMb: Readonly<Record<Service, number>>;
}

export function soakTable({ stretches }: SoakReport): string[] {
  return table(
    ['until minute', 'orders/s', 'CPU-ms per order', 'MB: order', 'payment', 'notification'],
    stretches.map(({ untilMinute, cost, mostMemoryMb: { order, payment, notification } }) => [
      untilMinute.toFixed(1),
      ...[cost.ordersPerSecond, cost.processorMs, order, payment, notification].map(digits),
    ]),
  );
}

export function soakSection(report: SoakReport): string[] {
  const { orders, stretches } = report;
  return [
    '## For minutes on end',
    '',
    `*orderly* at saturation, from the start of its processes on, ${digits(orders * stretches.length)} orders in stretches of ${digits(orders)}. A stretch ends when all of its`,
    'customers have been told, and begins with a checkpoint. Memory is the most that a service held in it (RSS), looked at twice a second; the',
    'tables grow all the while, and the books are checked in the end.',
    '',
    ...soakTable(report),
  ];
}
