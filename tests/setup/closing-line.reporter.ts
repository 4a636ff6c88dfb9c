import type { SerializedError } from 'vitest';
import type { Reporter, TestCase, TestModule } from 'vitest/node';

/**
 * Ends a run with the slowest tests and then, alone on the very last line, `N passed, N failed`: a run that executed nothing, or
 * stopped half way, can't be mistaken for a good one.
 */
export default class ClosingLine implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], unhandledErrors: readonly SerializedError[]): void {
    const tests = modules.flatMap((module) => [...module.children.allTests()]);
    const count = (state: string) => tests.filter((test) => test.result().state === state).length;
    // A file that can't be loaded and an error outside of any test fail the run as well.
    const failedFiles = modules.filter((module) => module.state() === 'failed' && !someTestFailed(module)).length;
    const failed = count('failed') + failedFiles + unhandledErrors.length;
    const skipped = count('skipped');
    const slowest = describeSlowest(tests);
    // At the exit, so that nothing that the servers' end has to say comes after it.
    process.once('exit', () => {
      if (slowest !== '') console.log(`Slowest tests:\n${slowest}\n`);
      console.log(`${count('passed')} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`);
    });
  }
}

const someTestFailed = (module: TestModule): boolean => [...module.children.allTests()].some((test) => test.result().state === 'failed');

function describeSlowest(tests: readonly TestCase[]): string {
  return tests
    .map((test) => ({ test, ms: test.diagnostic()?.duration ?? 0 }))
    .filter(({ ms }) => ms > 0)
    .toSorted((one, other) => other.ms - one.ms)
    .slice(0, 5)
    .map(({ test, ms }) => `${(ms / 1000).toFixed(1).padStart(7)} s  ${test.module.relativeModuleId} > ${test.fullName}`)
    .join('\n');
}
