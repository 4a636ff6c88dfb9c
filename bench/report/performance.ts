import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { projectRoot } from '#libs/testing';
import { cacheSection, type CacheReport } from './cache.js';
import { delaySection, type DelayReport } from './delay.js';
import { growthSection, type GrowthReport } from './growth.js';
import { doubts, explanations, figuresTable, ratiosTable, type OrdersReport } from './orders.js';
import type { Provenance } from './provenance.js';
import { soakSection, type SoakReport } from './soak.js';

/** What docs/reference/performance.json keeps: one member for each bench, as its last run to be written down has left it. */
export interface Performance {
  readonly orders?: OrdersReport;
  readonly growth?: GrowthReport;
  readonly delay?: DelayReport;
  readonly cache?: CacheReport;
  readonly soak?: SoakReport;
}

const kept = join(projectRoot, 'docs', 'reference', 'performance.json');
export const page = join(projectRoot, 'docs', 'reference', 'performance.md');

export function readPerformance(): Performance {
  return existsSync(kept) ? (JSON.parse(readFileSync(kept, 'utf8')) as Performance) : {};
}

/** Puts new figures in the place of the old ones, leaves those of other benches, and writes the page anew. */
export function keepPerformance(news: Performance): void {
  writeFileSync(kept, asJson({ ...readPerformance(), ...news }));
  writeFileSync(page, pageOf(readPerformance()));
}

/** Digits that mean nothing are left out. */
export function asJson(performance: Performance): string {
  const brief = (_key: string, value: unknown) => (typeof value === 'number' ? Number(value.toPrecision(5)) : value);
  return `${JSON.stringify(performance, brief, 2)}\n`;
}

/** The page, from whatever is there. */
export function pageOf({ orders, growth, soak, delay, cache }: Performance): string {
  return [
    '# Performance',
    '',
    'What an order costs, beside other ways to build the same shop. `npm run bench -- --write` rewrites this page and its figures in',
    '[performance.json](performance.json); do not edit it by hand.',
    ...(orders ? ['', ...ordersSection(orders)] : []),
    ...(growth ? ['', ...growthSection(growth), '', ...provenance(growth)] : []),
    ...(soak ? ['', ...soakSection(soak), '', ...provenance(soak)] : []),
    ...(delay ? ['', ...delaySection(delay), '', ...provenance(delay)] : []),
    ...(cache ? ['', ...cacheSection(cache), '', ...provenance(cache)] : []),
    '',
    '## What this does not show',
    '',
    '- **One machine.** Services, servers and load generator share its cores and talk over loopback: no network, no second disk.',
    '- **Nothing but the shop.** Provider and mail server are functions that answer at once, the same for all.',
    '- **One broker node.** Quorum queues have a single member: what copies between nodes cost is missing, for all.',
    '- **The happy path.** Each order is paid at the first attempt. What faults do is in the [delivery guarantees](../explanation/delivery-guarantees.md).',
    '- **Other machines.** Absolute figures are of the one named above; ratios travel better.',
    '',
  ].join('\n');
}

function ordersSection(report: OrdersReport): string[] {
  const rounds = Math.max(...report.contenders.map((contender) => contender.rounds.length));
  const ratios = ratiosTable(report);
  const warnings = doubts(report);
  return [
    '## The cost of an order',
    '',
    'From `POST /orders` with a payment method until the notice that it is paid is a committed row: three services as processes of their',
    'own, each with its database, on one RabbitMQ. Postgres and RabbitMQ are as durable as in production: `fsync` and',
    '`synchronous_commit` on, persistent messages, publisher confirms, quorum queues. A contender whose books are wrong after its run shows',
    'no figures; for ours and the floor, `npm run verify` is the judge.',
    '',
    ...report.contenders.map(({ name, about }) => `- **${name}**: ${about}.`),
    '',
    ...figuresTable(report),
    '',
    ...(ratios.length > 0 ? ['In each round, ours by theirs; the median, and the least and the most of them:', '', ...ratios, ''] : []),
    ...warnings.flatMap((warning) => [`> ${warning}`, '']),
    ...explanations(report),
    '',
    rounds === 1
      ? 'Each figure is of a single round. In it, a contender has'
      : `Each figure is the median of ${rounds} rounds, in which the contenders take turns. In each, a contender has`,
    `${bursts(report)}, and then ${report.seconds} s of ${report.perSecond} orders/s.`,
    '',
    ...provenance(report),
  ];
}

/** The longest burst, and who had a shorter one. */
function bursts({ contenders }: OrdersReport): string {
  const [longest] = contenders.toSorted((one, other) => other.orders - one.orders);
  const shorter = contenders.filter(({ orders }) => orders < (longest?.orders ?? 0));
  const others = shorter.map(({ name, warmUpOrders, orders }) => `${name}: ${count(warmUpOrders)} and ${count(orders)}`).join('; ');
  const all = longest ? `${count(longest.warmUpOrders)} orders to warm up and ${count(longest.orders)} at saturation` : '';
  return others === '' ? all : `${all} (${others})`;
}

/** Where and how figures were taken; and so, how to repeat it. */
function provenance({ machine, takenOn, command }: Provenance): string[] {
  const { processor, cores, memoryGb, kernel, node, postgres, rabbitmq } = machine;
  return [
    `Taken on ${takenOn} on ${processor}, ${cores} cores, ${memoryGb} GB, ${kernel}; Node ${node}, Postgres ${postgres}, RabbitMQ ${rabbitmq}. To repeat it:`,
    '',
    '```sh',
    command,
    '```',
  ];
}

const count = (number: number): string => number.toLocaleString('en-US');
