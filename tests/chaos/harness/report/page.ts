import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { projectRoot } from '#libs/testing';
import { table } from '../../../../bench/report/markdown.js';
import type { ChaosReport } from './chaos-report.js';
import { boundInWords, machine } from './html.js';

const kept = join(projectRoot, 'docs', 'reference', 'chaos.json');
export const page = join(projectRoot, 'docs', 'reference', 'chaos.md');

/** What the page says, without what it does not: a run's series are long. */
type KeptReport = Omit<ChaosReport, 'series' | 'timeline'>;

export function readChaos(): KeptReport {
  return JSON.parse(readFileSync(kept, 'utf8')) as KeptReport;
}

/** Puts a run in the place of the one before, and writes the page anew. */
export function keepChaos({ series: _series, timeline: _timeline, ...report }: ChaosReport): void {
  writeFileSync(kept, `${JSON.stringify(report, undefined, 2)}\n`);
  writeFileSync(page, pageOf(report));
}

export function pageOf(report: KeptReport): string {
  const { profile, faults, kinds, loadSeconds, drainSeconds, perSecond, checks, requests } = report;
  const minutes = (seconds: number) => (seconds / 60).toFixed(1);
  return [
    '# Chaos',
    '',
    'What became of orders while everything around them was being broken. `npm run chaos -- --write` rewrites this page and its figures in',
    '[chaos.json](chaos.json); do not edit it by hand.',
    '',
    '## The verdict',
    '',
    ...table(
      ['attempted', 'acknowledged', 'lost', 'duplicated', 'stuck', 'contradicted', 'recovered'],
      [
        [report.attempted, report.acknowledged, report.lost, report.duplicated, report.stuck, report.contradicted, report.recovered].map(
          String,
        ),
      ],
    ),
    '',
    boundInWords(report.bound, report.acknowledged),
    '',
    '- **Attempted** are the keys under which somebody tried to place an order, **acknowledged** those that were answered with 201.',
    '- **Lost** is what was acknowledged and is not there: an order, a payment, a cancellation, a refund, a mail. **Duplicated** is what was',
    '  wanted once and is there twice. **Stuck** is what has not come to its end. **Contradicted** is what two witnesses tell differently.',
    '- **Recovered** are requests that were not answered at first, and were with the same key later.',
    '',
    `${checks.passed} checks of the books passed, ${checks.failed} failed. The other witnesses are the clients' own ledger, the provider's books and the mail server, which no`,
    `service can write to. ${report.repeatedMails === 0 ? 'No mail' : `${report.repeatedMails} mails`} came twice with the same Message-ID, which [is not promised never to happen](../explanation/delivery-guarantees.md#what-is-not-promised).`,
    ...(report.unaskedExits.length > 0 ? ['', `${report.unaskedExits.length} times a service ended by itself and was started again.`] : []),
    '',
    '## The run',
    '',
    `${faults} faults of ${kinds.length} kinds in ${minutes(loadSeconds)} minutes, with ${perSecond.toFixed(1)} orders a second; ${minutes(drainSeconds)} minutes later everything was at rest.`,
    profile === 'single'
      ? 'One broker node, one Postgres, two copies of each service.'
      : 'Three broker nodes, one Postgres, two copies of each service.',
    'Each fault was seen to take effect before it counted. Faults come alone or in pairs; the time is from the moment in which the last one of',
    'them was healed until orders were settled at 90 % of the earlier rate, over windows of four seconds.',
    '',
    ...table(
      ['Fault', 'times', 'back after, s: median', 'longest', 'not seen'],
      kinds.map(({ kind, times, recovery, unseen }) => [
        kind,
        String(times),
        seconds(recovery.median),
        seconds(recovery.longest),
        String(unseen),
      ]),
    ),
    '',
    ...kinds.map(({ kind, about }) => `- **${kind}**: ${about}`),
    ...(report.skipped.length > 0 ? ['', `Not applied: ${report.skipped.map(({ kind, why }) => `${kind} (${why})`).join(', ')}.`] : []),
    ...(report.missed.length > 0
      ? [
          '',
          `${report.missed.length} more were applied, and their effect was not seen in time: ${[...new Set(report.missed.map(({ kind }) => kind))].join(', ')}.`,
        ]
      : []),
    '',
    '## What clients were answered',
    '',
    ...table(
      ['Act and answer', 'times'],
      Object.entries(requests).map(([answer, times]) => [answer, times.toLocaleString('en-US')]),
    ),
    '',
    '## What this does not show',
    '',
    '- **Faults like these.** The bound holds for orders under what was done here, at this rate, with this seed; it says nothing of other faults.',
    '- **One machine.** All nodes share its disk and its clock. A lost disk, a split network between data centres and slow clocks of servers are missing.',
    '- **One Postgres.** It is restarted and crashed, never replaced by a standby.',
    '- **A deleted work queue takes its messages along.** Only queues whose messages are hints, which a sweeper stands in for, are deleted here.',
    '- **The same faults, not the same moments.** A seed draws the same orders and faults; what meets what depends on the machine.',
    '',
    `Taken on ${report.takenOn} on ${machine(report as ChaosReport)} To repeat it:`,
    '',
    '```sh',
    report.command,
    '```',
    '',
  ].join('\n');
}

const seconds = (value: number | null): string => (value === null ? '' : value.toFixed(1));
