import { defineConfig } from 'vitest/config';
import { applyMutant } from './tests/mutants/apply-mutant.js';
import ClosingLine from './tests/setup/closing-line.reporter.js';

// Resolves #libs/* to the sources, as the compiler does. Without `module`, which is for bundlers: some packages have there what Node cannot load.
const conditions = ['source', 'node', 'development|production'];

// Set by `npm run test:mutants`, which starts the servers itself.
const mutant = process.env['MUTANT'];

export default defineConfig({
  plugins: mutant === undefined ? [] : [applyMutant(mutant)],
  resolve: { conditions },
  ssr: { resolve: { conditions } },
  test: {
    include: ['{apps,libs,bench,demo,tests}/**/*.spec.ts'],
    setupFiles: ['./tests/setup/judge-answers.ts'],
    globalSetup: mutant === undefined ? ['./tests/setup/servers.ts'] : [],
    reporters: ['default', new ClosingLine()],
    pool: 'forks',
    // Spec files share a worker's modules: four to six times as fast here. A spec keeps nothing in a module's variables.
    isolate: false,
    maxWorkers: 2,
    testTimeout: 30_000,
    hookTimeout: 60_000,
    teardownTimeout: 30_000,
  },
});
