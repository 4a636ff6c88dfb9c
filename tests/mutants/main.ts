/**
 * Proves the model-based test: puts each deliberate bug into the code and expects the test to notice.
 *
 *   npm run test:mutants -- [--only <name>]…
 *
 * Exits with 1 when one survives, or ends without having broken an invariant.
 */
import { spawn } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { projectRoot, startPostgres } from '#libs/testing';
import { type Mutant, mutants } from './mutants.js';

const spec = 'tests/model/orders-and-payments.int.spec.ts';
const folder = join(projectRoot, '.local', 'mutants');
/** The same for all, so that a mutant which is caught today is caught tomorrow. */
const seed = process.env['MODEL_SEED'] ?? '1';
/** The most stories that a mutant may survive. */
const runs = process.env['MODEL_RUNS'] ?? '600';

interface Report {
  readonly runs: number;
  readonly violated?: string;
  readonly detail?: string;
  readonly story?: readonly string[];
}

interface Verdict {
  readonly mutant: Mutant;
  readonly seconds: number;
  readonly report: Report | undefined;
  readonly output: string;
}

const say = (text: string): void => void process.stdout.write(`${text}\n`);
const caught = ({ report }: Verdict): boolean => report?.violated !== undefined;

async function test(mutant: Mutant, postgresUrl: string): Promise<Verdict> {
  const startedAt = Date.now();
  const reportFile = join(folder, `${mutant.name}.json`);
  rmSync(reportFile, { force: true });
  const env = {
    ...process.env,
    ORDERLY_POSTGRES_URL: postgresUrl,
    MUTANT: mutant.name,
    MODEL_REPORT: reportFile,
    MODEL_SEED: seed,
    MODEL_RUNS: runs,
  };
  const child = spawn(process.execPath, [join(projectRoot, 'node_modules', 'vitest', 'vitest.mjs'), 'run', spec], {
    cwd: projectRoot,
    env,
  });
  let output = '';
  child.stdout.on('data', (chunk) => (output += String(chunk)));
  child.stderr.on('data', (chunk) => (output += String(chunk)));
  await new Promise((ended) => child.on('close', ended));
  return { mutant, output, seconds: (Date.now() - startedAt) / 1000, report: read(reportFile) };
}

/** Undefined when the test has not come as far as to say something. */
function read(file: string): Report | undefined {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as Report;
  } catch {
    return undefined;
  }
}

function lineOf({ mutant, report, seconds }: Verdict, width: number): string {
  const outcome = report?.violated ?? (report ? 'SURVIVED' : 'NOT FAIR: the test did not run');
  return `${mutant.name.padEnd(width)}  ${String(report?.runs ?? '').padStart(5)}  ${seconds.toFixed(0).padStart(4)} s  ${outcome}`;
}

async function main(): Promise<number> {
  const { values } = parseArgs({ options: { only: { type: 'string', multiple: true } } });
  const { only } = values;
  const chosen = mutants.filter(({ name }) => only?.includes(name) ?? true);
  if (chosen.length === 0) {
    say(`There is no mutant ${only?.join(', ')}. There are: ${mutants.map(({ name }) => name).join(', ')}`);
    return 2;
  }
  mkdirSync(folder, { recursive: true });
  const startedAt = Date.now();
  const postgres = await startPostgres({ dir: join(folder, 'postgres'), log: say });
  const width = Math.max(...chosen.map(({ name }) => name.length));
  const verdicts: Verdict[] = [];
  try {
    say(`${'mutant'.padEnd(width)}  story    time  caught by`);
    const waiting = [...chosen];
    const worker = async () => {
      for (let mutant = waiting.shift(); mutant; mutant = waiting.shift()) {
        const verdict = await test(mutant, postgres.url);
        verdicts.push(verdict);
        say(lineOf(verdict, width));
      }
    };
    await Promise.all(Array.from({ length: availableParallelism() }, worker));
  } finally {
    await postgres.stop();
  }
  const survivors = verdicts.filter((verdict) => !caught(verdict));
  for (const { mutant, report, output } of survivors)
    say(`\n${mutant.name} was not caught. ${mutant.why}\n${report ? '' : output.trim().split('\n').slice(-25).join('\n')}`);
  if (only) for (const { report } of verdicts) say(`\n${report?.detail ?? ''}\n${(report?.story ?? []).join('\n')}`);
  say(
    `\n${verdicts.length - survivors.length} of ${verdicts.length} caught in ${((Date.now() - startedAt) / 1000).toFixed(0)} s, MODEL_SEED=${seed}`,
  );
  return survivors.length === 0 ? 0 : 1;
}

process.exitCode = await main();
