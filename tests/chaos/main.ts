/** `npm run chaos`: orders are placed while everything around them is broken, and then the money is counted. `--help` lists the options. */
import { setMaxListeners } from 'node:events';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { projectRoot } from '#libs/testing';
import { Cleanup } from '../../demo/cleanup.js';
import { Interruption } from '../../demo/interruption.js';
import { bold, dim, green, red, say } from '../../demo/output.js';
import { boundInWords, htmlOf } from './harness/report/html.js';
import { keepChaos, page } from './harness/report/page.js';
import { reportOf, type ChaosReport } from './harness/report/chaos-report.js';
import { BadUsage, readOptions, usage, type ChaosOptions } from './options.js';
import { run } from './run.js';

/** EX_SOFTWARE: the run itself failed, and says nothing about the services. */
const runFailed = 70;

async function main(options: ChaosOptions): Promise<number> {
  const { orders, seed, faults, bug } = options;
  const interruption = new Interruption();
  const cleanup = new Cleanup();
  const over = new AbortController();
  // Each customer who waits listens to it.
  setMaxListeners(0, over.signal);
  void interruption.requested.then(() => over.abort());
  const dir = join(projectRoot, '.local', 'chaos', `${new Date().toISOString().slice(0, 19).replaceAll(':', '-')}-seed-${seed}`);
  mkdirSync(dir, { recursive: true });
  say(
    `${bold(`${orders} orders, ${faults} faults, seed ${seed}`)}${bug === undefined ? '' : red(`, with the deliberate bug ${bug}`)} ${dim(relative(projectRoot, dir))}`,
  );
  let exitCode: number;
  try {
    const outcome = await interruption.during(run(options, dir, cleanup, over.signal));
    const report = reportOf(outcome, options);
    print(report);
    save(report, dir, options.write && report.green);
    exitCode = report.green ? 0 : 1;
  } catch (error) {
    exitCode = interruption.exitCode ?? runFailed;
    over.abort();
    if (interruption.exitCode === undefined) say(red(`The run itself failed: ${(error as Error).stack ?? String(error)}`));
  }
  const isClean = await cleanup.run();
  rmSync(join(dir, 'program'), { recursive: true, force: true });
  return isClean ? exitCode : exitCode || runFailed;
}

function print(report: ChaosReport): void {
  const { attempted, acknowledged, lost, duplicated, stuck, contradicted, recovered, findings, faults, kinds, unaskedExits } = report;
  say(`\n${faults} faults of ${kinds.length} kinds, ${report.checks.passed} checks passed, ${report.checks.failed} failed`);
  for (const { kind, why } of report.skipped) say(dim(`not applied: ${kind} (${why})`));
  for (const { second, replica, code, said } of unaskedExits)
    say(red(`after ${second} s ${replica} ended by itself with ${code}: ${said.split('\n').at(-1)}`));
  for (const { word, witness, what } of findings.slice(0, 40)) say(`${red(word)} ${dim(`(${witness})`)} ${what}`);
  if (findings.length > 40) say(`… ${findings.length} findings in all`);
  say(
    bold(
      `\nattempted ${attempted}, acknowledged ${acknowledged}, lost ${lost}, duplicated ${duplicated}, stuck ${stuck}, contradicted ${contradicted}, recovered ${recovered}`,
    ),
  );
  say(boundInWords(report.bound, acknowledged));
}

function save(report: ChaosReport, dir: string, write: boolean): void {
  writeFileSync(join(dir, 'report.json'), `${JSON.stringify(report)}\n`);
  writeFileSync(join(dir, 'report.html'), htmlOf(report));
  say(`\nReport: ${relative(projectRoot, join(dir, 'report.html'))}, and report.json, ledger.jsonl, mails.jsonl and logs beside it`);
  if (!write) return;
  keepChaos(report);
  say(`Written: ${relative(projectRoot, page)}`);
}

let options: ChaosOptions | undefined;
try {
  options = readOptions(process.argv.slice(2));
} catch (error) {
  if (!(error instanceof BadUsage)) throw error;
  process.stderr.write(`${error.message}\n\n${usage}\n`);
  process.exitCode = 2;
}
if (options?.help) say(usage);
else if (options) {
  const exitCode = await main(options);
  say(
    exitCode === 0
      ? green(`\nNothing lost, nothing done twice, nothing stuck (seed ${options.seed}).`)
      : red(`\nThe run ended with ${exitCode} (seed ${options.seed}).`),
  );
  process.exit(exitCode);
}
