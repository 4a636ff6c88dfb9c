import type { Machine } from '../../../../bench/measuring/machine.js';
import type { ChaosOptions } from '../../options.js';
import type { Outcome } from '../../run.js';
import { catalogue } from '../catalogue.js';
import type { Finding, Word } from '../judge.js';

/** One kind of fault over a run. Times in seconds. */
export interface KindOfFault {
  readonly kind: string;
  readonly about: string;
  readonly times: number;
  /** From being healed to 90 % of the earlier throughput: the median and the longest of its episodes. Null: never seen. */
  readonly recovery: { readonly median: number | null; readonly longest: number | null };
  /** Episodes after which it was not seen, as the next fault or the end came before. */
  readonly unseen: number;
}

/** What a run is summed up in, for people and machines. */
export interface ChaosReport {
  readonly takenOn: string;
  readonly command: string;
  readonly machine: Machine;
  readonly seed: number;
  readonly profile: string;
  readonly bug?: string;
  readonly green: boolean;
  readonly perSecond: number;
  readonly loadSeconds: number;
  readonly drainSeconds: number;
  readonly attempted: number;
  readonly acknowledged: number;
  readonly recovered: number;
  readonly lost: number;
  readonly duplicated: number;
  readonly stuck: number;
  readonly contradicted: number;
  /** With none lost of n, the probability of a loss is below 3/n, in 95 of 100 such runs. Null: something was lost. */
  readonly bound: number | null;
  readonly repeatedMails: number;
  readonly faults: number;
  readonly kinds: readonly KindOfFault[];
  readonly skipped: readonly { readonly kind: string; readonly why: string }[];
  /** Faults whose effect was not seen; they count for nothing. */
  readonly missed: readonly { readonly kind: string; readonly target: string; readonly why: string }[];
  readonly checks: { readonly passed: number; readonly failed: number; readonly skipped: number };
  readonly findings: readonly Finding[];
  readonly unaskedExits: readonly {
    readonly second: number;
    readonly replica: string;
    readonly code: number | null;
    readonly said: string;
  }[];
  readonly requests: Readonly<Record<string, number>>;
  /** Each fault, in seconds since the start. */
  readonly timeline: readonly {
    readonly kind: string;
    readonly target: string;
    readonly from: number;
    readonly until: number;
    readonly evidence: string;
    readonly recovery: number | null;
  }[];
  /** One value for each second since the start; null: nobody could be asked. */
  readonly series: {
    readonly acknowledged: readonly number[];
    readonly settled: readonly (number | null)[];
    readonly outbox: readonly (number | null)[];
    readonly queued: readonly (number | null)[];
    readonly largestMb: readonly (number | null)[];
  };
}

export function reportOf(outcome: Outcome, options: ChaosOptions): ChaosReport {
  const { counts, findings, episodes, checks, startedAt } = outcome;
  const words = (word: Word) => findings.filter((finding) => finding.word === word).length;
  const second = (at: number) => Math.round((at - startedAt) / 100) / 10;
  const timeline = episodes.flatMap(({ faults, recoveryMs }) =>
    faults.map(({ kind, target, appliedAt, healedAt, evidence }) => ({
      kind,
      target,
      from: second(appliedAt),
      until: second(healedAt),
      evidence,
      recovery: recoveryMs === null ? null : recoveryMs / 1000,
    })),
  );
  const { orders, seed, profile, minutes, bug } = options;
  const isUsualPace = Math.abs(orders / minutes / 60 - 16) < 0.001;
  return {
    takenOn: new Date(startedAt).toISOString().slice(0, 10),
    command: `npm run chaos -- --orders ${orders}${isUsualPace ? '' : ` --minutes ${minutes}`} --seed ${seed} --profile ${profile}${bug === undefined ? '' : ` --bug ${bug}`}`,
    machine: outcome.machine,
    seed,
    profile,
    ...(bug !== undefined && { bug }),
    green: findings.length === 0,
    perSecond: outcome.perSecond,
    loadSeconds: Math.round(outcome.seconds.load),
    drainSeconds: Math.round(outcome.seconds.drain),
    ...counts,
    lost: words('lost'),
    duplicated: words('duplicated'),
    stuck: words('stuck'),
    contradicted: words('contradicted'),
    bound: words('lost') === 0 && counts.acknowledged > 0 ? 3 / counts.acknowledged : null,
    faults: timeline.length,
    kinds: kindsOf(timeline),
    skipped: outcome.skipped,
    missed: outcome.missed,
    checks: {
      passed: checks.filter((check) => check.violations === 0 && check.skipped === undefined).length,
      failed: checks.filter(({ violations }) => violations > 0).length,
      skipped: checks.filter((check) => check.skipped !== undefined).length,
    },
    findings,
    unaskedExits: outcome.unaskedExits.map(({ at, replica, code, said }) => ({ second: second(at), replica, code, said })),
    requests: outcome.requests,
    timeline,
    series: seriesOf(outcome),
  };
}

function kindsOf(timeline: ChaosReport['timeline']): KindOfFault[] {
  return catalogue.flatMap(({ kind, about }) => {
    const applied = timeline.filter((fault) => fault.kind === kind);
    if (applied.length === 0) return [];
    const seen = applied.flatMap(({ recovery }) => (recovery === null ? [] : [recovery])).toSorted((one, other) => one - other);
    const recovery = { median: seen[(seen.length - 1) >> 1] ?? null, longest: seen.at(-1) ?? null };
    return [{ kind, about, times: applied.length, recovery, unseen: applied.length - seen.length }];
  });
}

function seriesOf({ samples, startedAt, acknowledgedEachSecond }: Outcome): ChaosReport['series'] {
  const last = samples.at(-1);
  const seconds = last ? Math.ceil((last.at - startedAt) / 1000) + 1 : 0;
  const each = <Value>(pick: (sample: Outcome['samples'][number]) => Value | null) => {
    const values = Array<Value | null>(seconds).fill(null);
    for (const sample of samples) values[Math.max(0, Math.floor((sample.at - startedAt) / 1000))] = pick(sample);
    return values;
  };
  const totals = each(({ settled }) => settled);
  return {
    acknowledged: Array.from({ length: seconds }, (_, index) => acknowledgedEachSecond[index] ?? 0),
    settled: totals.map((total, index) => {
      const before = totals[index - 1];
      return total === null || before === null || before === undefined ? null : total - before;
    }),
    outbox: each(({ outbox }) => outbox),
    queued: each(({ queued }) => queued),
    largestMb: each(({ largestMb }) => largestMb),
  };
}
