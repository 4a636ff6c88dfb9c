import { setTimeout as wait } from 'node:timers/promises';
import type { Check, CheckResult } from './check.js';
import { checks } from './checks/checks.js';
import { OpenSystem, whySkipped, type System } from './system.js';

export interface VerifyOptions {
  /** The checks to make; all if left out. */
  readonly only?: (check: Pick<Check, 'name' | 'holds' | 'needs'>) => boolean;
}

/**
 * Checks once what has to be true of the system. Reads only. Services that are still at work may look like a violation of what holds `at
 * rest`: see {@link verifyEventually}.
 * @throws Unreachable when a part that was given can't be asked
 */
export async function verify(system: System, options: VerifyOptions = {}): Promise<CheckResult[]> {
  const selected = checks.filter(options.only ?? (() => true));
  if (selected.length === 0) throw new Error('no check was selected, which would pass for a system without a fault');
  const open = await OpenSystem.open(system);
  try {
    const results: CheckResult[] = [];
    for (const check of selected) results.push(await resultOf(check, open));
    return results;
  } finally {
    await open.close();
  }
}

/**
 * Checks again until nothing is wrong, or the time is up.
 * @param within milliseconds
 * @returns the last results, whatever they say
 * @throws Unreachable as {@link verify} does
 */
export async function verifyEventually(system: System, within: number, options: VerifyOptions = {}): Promise<CheckResult[]> {
  const deadline = Date.now() + within;
  for (;;) {
    const startedAt = Date.now();
    const results = await verify(system, options);
    // Half of the time is left to the services.
    const pause = Math.max(250, Date.now() - startedAt);
    if (violationsIn(results) === 0 || Date.now() + pause > deadline) return results;
    await wait(pause);
  }
}

/** How much is wrong, over all checks. */
export function violationsIn(results: readonly CheckResult[]): number {
  return results.reduce((sum, { violations }) => sum + violations, 0);
}

async function resultOf(check: Check, system: OpenSystem): Promise<CheckResult> {
  const { name, about, needs } = check;
  const missing = needs.find((part) => !system.has(part));
  if (missing) return { name, about, checked: 0, violations: 0, offenders: [], skipped: whySkipped[missing] };
  const { checked, offenders } = await check.run(system);
  return { name, about, checked, violations: offenders.count, offenders: offenders.named };
}
