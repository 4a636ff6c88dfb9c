import { createWriteStream, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { SeededRandom, type Mail } from '#libs/testing';
import { Unreachable, verify, type CheckResult } from '#libs/verify';
import { describeMachine, type Machine } from '../../bench/measuring/machine.js';
import type { Cleanup } from '../../demo/cleanup.js';
import { dim, say, step } from '../../demo/output.js';
import { ClientLedger } from './harness/client-ledger.js';
import { buildWithBug } from './harness/deliberate-bugs.js';
import { HandledMessages } from './harness/handled-messages.js';
import { count, judge, type Counts, type Evidence, type Finding } from './harness/judge.js';
import { Load } from './harness/load.js';
import { Nemesis, type AppliedFault } from './harness/nemesis.js';
import { recoveryMs } from './harness/recovery.js';
import { Sampler, type Sample } from './harness/sampler.js';
import { Supervisor, type UnaskedExit } from './harness/supervisor.js';
import { readOrders, readProvider, discardPoison } from './harness/witnesses.js';
import { startChaosWorld, type ChaosWorld } from './harness/world.js';
import type { ChaosOptions } from './options.js';

/** How long a customer goes on asking at most. */
const longestPatienceMs = 120_000;
/** For the throughput before the first fault, and after the last one. */
const warmUpMs = 8_000;
const afterwardsMs = 8_000;

/**
 * Counts what waits in the delay queues. A deadline whose confirm was lost with the broker is sent again, and then waits twice: that is
 * promised (at least once), and its second arrival is known by the inbox.
 */
const seesRepeatsAsExcess = 'delays-are-accounted-for';

/** Everything that a run has shown. */
export interface Outcome {
  readonly machine: Machine;
  readonly startedAt: number;
  /** Of the load, and from its end until everything was at rest; in seconds. */
  readonly seconds: { readonly load: number; readonly drain: number };
  readonly perSecond: number;
  readonly counts: Counts;
  readonly findings: readonly Finding[];
  readonly checks: readonly CheckResult[];
  readonly episodes: readonly (Nemesis['episodes'][number] & { readonly recoveryMs: number | null })[];
  readonly skipped: Nemesis['skipped'];
  readonly missed: Nemesis['missed'];
  readonly samples: readonly Sample[];
  /** Orders acknowledged in each second since the start. */
  readonly acknowledgedEachSecond: readonly number[];
  readonly requests: Readonly<Record<string, number>>;
  readonly unaskedExits: readonly UnaskedExit[];
}

/** @param dir where the ledger and the logs stay */
export async function run(options: ChaosOptions, dir: string, cleanup: Cleanup, over: AbortSignal): Promise<Outcome> {
  mkdirSync(dir, { recursive: true });
  const { seed, profile, bug } = options;
  const mailFile = createWriteStream(join(dir, 'mails.jsonl'));
  const onMail = ({ to, subject, messageId }: Mail) =>
    void mailFile.write(`${JSON.stringify({ at: Date.now(), to, subject, messageId })}\n`);
  const program = bug === undefined ? undefined : buildWithBug(bug, join(dir, 'program'));
  const world = await step(`Starting Postgres, ${profile === 'single' ? 'RabbitMQ' : 'three nodes of RabbitMQ'} and the services`, () => {
    const starting = startChaosWorld({ profile, dir, onMail, ...(program && { program }) });
    cleanup.add('Stopping everything', async () => (await starting.catch(() => undefined))?.stop());
    return starting;
  });
  const machine = await describeMachine({ postgresUrl: world.postgres.url, rabbitmqUrl: world.brokers.nodes[0]!.url });

  const ledger = new ClientLedger(join(dir, 'ledger.jsonl'));
  const perSecond = options.orders / (options.minutes * 60);
  const load = new Load(
    { world, ledger, over, patienceMs: Math.min(longestPatienceMs, options.patience * 1000) },
    { seed, orders: options.orders, perSecond },
  );
  const poison = new Set<string>();
  const startedAt = Date.now();
  const nemesis = new Nemesis(
    { world, ledger, poison, random: new SeededRandom(seed) },
    {
      faults: options.faults,
      enough: () => load.isFull,
      ...(options.only && { only: options.only }),
      over,
      onApplied: (fault) => report(fault, startedAt, load),
      onMissed: (kind, target, why) => say(dim(`         no effect seen: ${kind} (${target}): ${why}`)),
    },
  );
  const sampler = new Sampler(world);
  const supervisor = new Supervisor(world);
  const handled = new HandledMessages(world);
  cleanup.add('Looking no more', () => Promise.all([sampler.stop(), supervisor.stop(), handled.stop()]));
  sampler.start();
  supervisor.start();
  handled.start();
  load.start();
  await sleep(warmUpMs, undefined, { signal: over });
  if (options.faults > 0) await nemesis.run();
  await sleep(afterwardsMs, undefined, { signal: over });
  while (!load.isFull && !over.aborted) await sleep(200);
  const loadEndedAt = Date.now();
  const evidence = await step('Until everybody has been served and everything is at rest', async (more) => {
    await load.end();
    await ledger.close();
    return untilAtRest(world, { plans: load.plans, ledger, poison, handled }, { patienceMs: options.patience * 1000, over }, more);
  });
  await sampler.stop();
  return {
    machine,
    startedAt,
    seconds: { load: (loadEndedAt - startedAt) / 1000, drain: (Date.now() - loadEndedAt) / 1000 },
    perSecond,
    counts: count(evidence),
    findings: judge(evidence),
    checks: evidence.checks,
    episodes: nemesis.episodes.map((episode) => ({ ...episode, recoveryMs: recoveryMs(episode, sampler.samples, perSecond) })),
    skipped: nemesis.skipped,
    missed: nemesis.missed,
    samples: sampler.samples,
    acknowledgedEachSecond: acknowledgedEachSecond(evidence, startedAt),
    requests: requestsOf(evidence),
    unaskedExits: supervisor.exits,
  };
}

function report({ kind, target, evidence, appliedAt, healedAt }: AppliedFault, startedAt: number, load: Load): void {
  const at = Math.round((appliedAt - startedAt) / 1000);
  const clock = `${Math.floor(at / 60)}:${String(at % 60).padStart(2, '0')}`;
  say(
    `  ${clock.padStart(5)}  ${kind} ${dim(`(${target})`)}: ${evidence}; healed after ${((healedAt - appliedAt) / 1000).toFixed(1)} s ${dim(`· order ${load.plans.length}, ${load.customers} customers`)}`,
  );
}

/** Gathers evidence again and again until nothing is wrong, or patience is at its end. */
async function untilAtRest(
  world: ChaosWorld,
  {
    plans,
    ledger,
    poison,
    handled,
  }: { plans: Evidence['plans']; ledger: ClientLedger; poison: ReadonlySet<string>; handled: HandledMessages },
  { patienceMs, over }: { patienceMs: number; over: AbortSignal },
  more: (text: string) => void,
): Promise<Evidence> {
  const deadline = Date.now() + patienceMs;
  const entries = ledger.read();
  const found = new Set<string>();
  let toldAt = Date.now();
  for (;;) {
    const startedAt = Date.now();
    let evidence: Evidence | undefined;
    try {
      for (const id of await discardPoison(world, poison)) found.add(id);
      const checks = await verify(world.system(), { only: ({ name }) => name !== seesRepeatsAsExcess });
      const [orders, provider] = await Promise.all([readOrders(world), readProvider(world)]);
      evidence = {
        plans,
        entries,
        orders,
        provider,
        mails: world.mails.mails,
        checks,
        handled: await handled.read(),
        poison: { sent: poison, found },
      };
    } catch (error) {
      if (!(error instanceof Unreachable) || Date.now() > deadline) throw error;
    }
    const findings = evidence ? judge(evidence) : [];
    if (evidence && (findings.length === 0 || Date.now() > deadline)) return evidence;
    if (Date.now() - toldAt > 20_000) {
      toldAt = Date.now();
      more(
        `${findings.length} findings still: ${
          findings
            .slice(0, 3)
            .map(({ witness, what }) => `${witness}: ${what}`)
            .join('; ') || 'not everything answers yet'
        }`,
      );
    }
    // Half of the time is left to the services.
    await sleep(Math.max(1_000, Date.now() - startedAt), undefined, { signal: over });
  }
}

function acknowledgedEachSecond({ entries }: Evidence, startedAt: number): number[] {
  const seconds: number[] = [];
  const known = new Set<string>();
  for (const { act, status, key, until } of entries) {
    if (act !== 'place' || status === null || status >= 300 || known.has(key)) continue;
    known.add(key);
    const second = Math.floor((until - startedAt) / 1000);
    seconds[second] = (seconds[second] ?? 0) + 1;
  }
  return Array.from(seconds, (orders) => orders ?? 0);
}

/** How often each act was answered with each status. */
function requestsOf({ entries }: Evidence): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { act, status, problem } of entries) {
    const answer = status === null ? 'no answer' : `${status}${problem && status >= 400 ? ` ${problem.replace('/problems/', '')}` : ''}`;
    counts[`${act}: ${answer}`] = (counts[`${act}: ${answer}`] ?? 0) + 1;
  }
  return Object.fromEntries(Object.entries(counts).toSorted(([, one], [, other]) => other - one));
}
