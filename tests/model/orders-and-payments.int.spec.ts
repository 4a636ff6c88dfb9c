import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { Logger } from '@nestjs/common';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { Services } from './services.spec-support.js';
import { settle, type Ending } from './settle.spec-support.js';
import { Step, type StepData } from './steps.spec-support.js';
import { beginnings, endings, stories } from './stories.spec-support.js';
import { Violation } from './violation.spec-support.js';
import { unexpected, World } from './world.spec-support.js';

/*
 * Orders and payments under everything that can go wrong, in generated stories: messages in any order, doubled and late, processes that
 * die around every commit, a provider that does not answer, answers twice, or answers otherwise. After each step the money must be right,
 * and after each story, once the world has settled, nothing may be stuck.
 *
 * MODEL_SEED repeats a run, MODEL_RUNS makes it longer. A story that failed is kept in kept-seeds.json, and told first from then on.
 */

const runs = Number(process.env['MODEL_RUNS'] ?? 60);
const seed = Number(process.env['MODEL_SEED'] ?? Math.floor(Math.random() * 2 ** 31));
/** Many of them find nothing to do, and are left out. */
const mostSteps = 100;
/** Set while a deliberate bug is in the code: the first failure ends the run, and nothing is kept. */
const mutant = process.env['MUTANT'];
const reportFile = process.env['MODEL_REPORT'];

interface KeptStory {
  readonly violated: string;
  readonly seed: number;
  readonly path: string;
  readonly story: readonly StepData[];
  readonly ending: Ending;
}

const keptFile = new URL('kept-seeds.json', import.meta.url);
const kept = JSON.parse(readFileSync(keptFile, 'utf8')) as KeptStory[];

let services: Services;
let world: World;

beforeAll(async () => {
  // A payment that needs a review is logged as an error, and here there are many.
  Logger.overrideLogger(false);
  vi.stubGlobal('fetch', (...question: Parameters<typeof fetch>) => world.provider.fetch(...question));
  services = await Services.start();
});
afterAll(async () => {
  vi.unstubAllGlobals();
  Logger.overrideLogger(['fatal', 'error', 'warn', 'log', 'debug', 'verbose']);
  await services.stop();
});

/** Tells a story to its end in a new world. What goes wrong bears the story in words. */
async function tell(beginning: readonly StepData[], story: Iterable<fc.AsyncCommand<World, World>>, ending: Ending): Promise<void> {
  world = new World(services);
  const told = world;
  try {
    for (const step of beginning.map((data) => new Step(data))) if (step.check(told)) await step.run(told);
    await fc.asyncModelRun(() => ({ model: told, real: told }), story);
    await settle(told, ending);
  } catch (error) {
    const violation = unexpected('the story', error);
    throw Object.assign(new Violation(violation.invariant, ''), {
      message: violation.message,
      story: told.story,
      steps: told.steps,
      ending,
    });
  }
}

function inWords(story: readonly string[]): string {
  const lines = story.map((line, index) => `${String(index + 1).padStart(4)}  ${line}`);
  return (lines.length <= 80 ? lines : [...lines.slice(0, 50), '      …', ...lines.slice(-20)]).join('\n');
}

type Told = Violation & { readonly story: readonly string[]; readonly steps: readonly StepData[]; readonly ending: Ending };

describe('orders and payments', () => {
  // A kept story would catch a mutant by what it was kept for.
  it.skipIf(mutant !== undefined || kept.length === 0)('are right in every story that ever went wrong', async () => {
    for (const { story, ending } of kept) await tell(story, [], ending);
    expect(kept).not.toHaveLength(0);
  });

  it('keep the money right after every step, and come to rest', { timeout: 120_000 + runs * 2_000 }, async () => {
    const startedAt = Date.now();
    const details = await fc.check(fc.asyncProperty(beginnings, stories(mostSteps), endings, tell), {
      seed,
      numRuns: runs,
      // Short stories are what it is biased to, and little happens in them.
      unbiased: true,
      endOnFailure: mutant !== undefined,
      // Shrinking ends with the best that it has.
      interruptAfterTimeLimit: 60_000 + runs * 1_000,
    });
    const seconds = ((Date.now() - startedAt) / 1000).toFixed(1);
    process.stdout.write(`model: ${details.numRuns} stories in ${seconds} s, MODEL_SEED=${seed}\n`);
    const failure = details.errorInstance as Told | null;
    if (reportFile !== undefined)
      writeFileSync(
        reportFile,
        JSON.stringify({ runs: details.numRuns, violated: failure?.invariant, detail: failure?.message, story: failure?.story }),
      );
    if (!failure) {
      if (details.failed) throw new Error('a run failed without saying why');
      if (details.numRuns < runs) throw new Error(`only ${details.numRuns} of ${runs} stories could be told in the time there was`);
      return;
    }
    const entry: KeptStory = {
      violated: failure.invariant,
      seed,
      path: details.counterexamplePath ?? '',
      story: failure.steps,
      ending: failure.ending,
    };
    if (mutant === undefined && !process.env['CI'] && existsSync(keptFile))
      writeFileSync(keptFile, `${JSON.stringify([...kept, entry], null, 2)}\n`);
    expect.fail(`${failure.message}\n\nMODEL_SEED=${seed}, after ${details.numShrinks} shrinks:\n${inWords(failure.story)}\n`);
  });
});
