import { defineConfig } from 'vitest/config';
import ClosingLine from './tests/setup/closing-line.reporter.js';

// Resolves #libs/* to the sources, as the compiler does.
const conditions = ['source', 'module', 'node', 'development|production'];

export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions } },
  test: {
    include: ['{apps,libs,demo,tests}/**/*.spec.ts'],
    globalSetup: ['./tests/setup/servers.ts'],
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
