import type { CheckResult } from '#libs/verify';
import { bold, dim, green, red, say } from './output.js';

/** A line for each check with how much it looked at, the offenders below it, and a closing line. */
export function printResults(results: readonly CheckResult[]): void {
  const longest = Math.max(...results.map(({ name }) => name.length));
  for (const { name, about, checked, violations, offenders, skipped } of results) {
    const title = name.padEnd(longest);
    if (skipped) say(`${dim('skipped')}  ${title}  ${dim(skipped)}`);
    else if (violations === 0) say(`${green('ok')}       ${title}  ${String(checked).padStart(9)}`);
    else {
      say(`${red('FAILED')}   ${bold(title)}  ${String(checked).padStart(9)}  ${red(`${violations} wrong`)}. ${about}`);
      for (const offender of offenders) say(`           ${offender}`);
      if (violations > offenders.length) say(`           … ${violations} in all`);
    }
  }
  const skipped = results.filter((result) => result.skipped !== undefined).length;
  const failed = results.filter(({ violations }) => violations > 0).length;
  const passed = results.length - skipped - failed;
  const counts = [`${passed} ok`, ...(failed > 0 ? [`${failed} FAILED`] : []), ...(skipped > 0 ? [`${skipped} skipped`] : [])].join(', ');
  say(`\n${(failed > 0 ? red : green)(`${results.length} checks: ${counts}`)}`);
}
