import { digits, table } from './markdown.js';
import type { Provenance } from './provenance.js';

/** What a run of `npm run bench:delay` has shown. */
export interface DelayReport extends Provenance {
  /** Deadlines far ahead that stood in the delay queues meanwhile. */
  readonly outstanding: { readonly inLane: number; readonly inCascade: number };
  readonly perSecond: number;
  readonly seconds: number;
  /** The least and the most time that a customer had for the payment, in seconds. */
  readonly windows: { readonly least: number; readonly most: number };
  readonly steady: Lateness;
  /** Of deadlines that were all of one moment. */
  readonly atOnce: Lateness;
}

/** What happened less when it was due; in milliseconds. */
export interface Lateness {
  readonly deadlines: number;
  readonly p50: number;
  readonly p99: number;
  readonly most: number;
  /** What happened before it was due: there must be none. */
  readonly early: number;
}

export function delayTable({ steady, atOnce, perSecond, seconds }: DelayReport): string[] {
  const row = (title: string, { deadlines, p50, p99, most, early }: Lateness, rate: number) => [
    title,
    digits(deadlines),
    [p50, p99, most].map(digits).join(' / '),
    digits(early),
    digits(rate),
  ];
  return table(
    ['', 'deadlines', 'late, ms: p50 / p99 / most', 'early', 'messages/s'],
    [
      row(`${perSecond} due per second, for ${seconds} s`, steady, perSecond),
      row('all due in one moment', atOnce, (atOnce.deadlines / atOnce.most) * 1000),
    ],
  );
}

export function delaySection(report: DelayReport): string[] {
  const { outstanding, perSecond, windows, atOnce } = report;
  return [
    '## Deadlines',
    '',
    `While ${digits(outstanding.inLane + outstanding.inCascade)} other orders await their payment, with their deadlines in the delay queues (${digits(outstanding.inLane)} in the lane of 900 s,`,
    `${digits(outstanding.inCascade)} in the cascade), the three services are given two things to do:`,
    '',
    `- Customers place orders over HTTP, with windows of ${windows.least} to ${windows.most} s, and don't pay, so that ${perSecond} fall due in each second. Late is the`,
    '  commit by which an order expired less its deadline, by the clock of its database.',
    `- ${digits(atOnce.deadlines)} deadlines of one moment, of orders that no longer await their payment, as nearly all are. Late is the commit by which one`,
    '  was handled less that moment; their rate is of the time from that moment to the last.',
    '',
    ...delayTable(report),
  ];
}
