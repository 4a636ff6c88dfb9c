import { existsSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { projectRoot, startPostgres, startRabbitMq } from '../../libs/testing/src/index.js';

const folder = join(projectRoot, '.local', 'test');

/** One Postgres and one RabbitMQ for the whole run, unless no spec of the selection needs them. Specs find them in the environment. */
export default async function setup(project: TestProject): Promise<(() => Promise<void>) | undefined> {
  const { testFiles } = await project.globTestFiles(selection(project));
  if (!testFiles.some((file) => file.endsWith('.int.spec.ts'))) return undefined;

  removeLeftovers();
  // A folder for each run: two at once don't meet.
  const dir = join(folder, String(process.pid));
  mkdirSync(dir, { recursive: true });
  const log = (line: string) => project.vitest.logger.log(line);
  const starting = [
    // Counts statements, for tests/bench.
    startPostgres({ dir: join(dir, 'postgres'), settings: { shared_preload_libraries: 'pg_stat_statements' }, log }),
    startRabbitMq({ dir: join(dir, 'rabbitmq'), disposable: true, log }),
  ] as const;
  const stop = async () => {
    const outcomes = await Promise.allSettled(starting);
    await Promise.all(outcomes.map(async (outcome) => outcome.status === 'fulfilled' && (await outcome.value.stop())));
    rmSync(dir, { recursive: true, force: true });
  };
  try {
    const [postgres, rabbitmq] = await Promise.all(starting);
    process.env['ORDERLY_POSTGRES_URL'] = postgres.url;
    process.env['ORDERLY_RABBITMQ_URL'] = rabbitmq.url;
    process.env['ORDERLY_RABBITMQ_MANAGEMENT_URL'] = rabbitmq.managementUrl;
    return stop;
  } catch (error) {
    await stop();
    throw error;
  }
}

/** The files named on the command line, without line numbers. Vitest keeps them in a member that its types leave out. */
function selection(project: TestProject): string[] | undefined {
  return (project.vitest as unknown as { filenamePattern?: string[] }).filenamePattern?.map((pattern) => pattern.replace(/:\d+$/, ''));
}

/** What runs that were killed have left on the disk. */
function removeLeftovers(): void {
  if (!existsSync(folder)) return;
  for (const name of readdirSync(folder)) {
    if (!isAlive(Number(name))) rmSync(join(folder, name), { recursive: true, force: true });
  }
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
