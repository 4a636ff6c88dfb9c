/** `npm run bench`: what an order costs here, beside other ways to build the same shop. `--help` lists what can be asked for. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { projectRoot } from '#libs/testing';
import { Cleanup } from '../demo/cleanup.js';
import { Interruption } from '../demo/interruption.js';
import { bold, red, say, step } from '../demo/output.js';
import type { Contender, RunningContender } from './contenders/contender.js';
import { sizeFor } from './line-up.js';
import { PostgresCounters } from './measuring/counters.js';
import { LoadGenerator } from './measuring/load.js';
import { describeMachine, requireLinux } from './measuring/machine.js';
import { BooksAreWrong, measure, type Bench, type Figures } from './measuring/run.js';
import { startServers, type Servers } from './measuring/servers.js';
import { BadUsage, readOptions, usage, type BenchOptions } from './options.js';
import { Progress } from './progress.js';
import { digits } from './report/markdown.js';
import { doubts, figuresTable, ratiosTable, type OrdersReport } from './report/orders.js';
import { asJson, keepPerformance, page } from './report/performance.js';

async function main(options: BenchOptions): Promise<number> {
  const interruption = new Interruption();
  const cleanup = new Cleanup();
  let exitCode: number;
  try {
    requireLinux();
    exitCode = await interruption.during(compare(options, cleanup, interruption));
  } catch (error) {
    exitCode = interruption.exitCode ?? 1;
    if (interruption.exitCode === undefined) say(red((error as Error).message));
  }
  return (await cleanup.run()) ? exitCode : exitCode || 1;
}

async function compare(options: BenchOptions, cleanup: Cleanup, interruption: Interruption): Promise<number> {
  const servers = await step('Starting Postgres and RabbitMQ', (log) => {
    const starting = startServers(log);
    cleanup.add('Stopping Postgres and RabbitMQ', async () => (await starting).stop());
    return starting;
  });
  const machine = await describeMachine(servers);
  const turns = await takeTurns(options, servers, cleanup, interruption);
  const refused = turns.filter(({ refusal }) => refusal !== undefined);
  const { perSecond, seconds } = options.effort;
  const report: OrdersReport = {
    takenOn: new Date().toISOString().slice(0, 10),
    command: commandFor(process.argv.slice(2)),
    machine,
    perSecond,
    seconds,
    contenders: turns
      .filter(({ refusal }) => refusal === undefined)
      .map(({ contender, figures }) => {
        const { warmUpOrders, orders } = sizeFor(contender, options.effort);
        return { name: contender.name, about: contender.about, warmUpOrders, orders, rounds: figures };
      }),
  };
  if (report.contenders.length > 0) print(report);
  for (const { contender, refusal } of refused) say(red(`\n${contender.name} has no figures: ${refusal}`));
  if (report.contenders.length > 0) save(report, options.write && refused.length === 0);
  return refused.length === 0 ? 0 : 1;
}

/** What has become of a contender: figures of each round, or why there are none. */
interface Turns {
  readonly contender: Contender;
  readonly figures: Figures[];
  refusal?: string;
}

/** One after the other, round by round: what slows the machine down for a while slows down neighbours alike. */
async function takeTurns(
  { contenders, effort }: BenchOptions,
  servers: Servers,
  cleanup: Cleanup,
  interruption: Interruption,
): Promise<Turns[]> {
  const counters = await PostgresCounters.open(servers.postgresUrl);
  cleanup.add('Closing the counters', () => counters.close());
  const progress = new Progress();
  let load: LoadGenerator | undefined;
  let running: Promise<RunningContender> | undefined;
  cleanup.add('Stopping the services', async () => {
    progress.stop();
    load?.stop();
    await (await running)?.stop();
  });
  const turns: Turns[] = contenders.map((contender) => ({ contender, figures: [] }));
  for (let round = 1; round <= effort.rounds; round += 1) {
    for (const turn of turns.filter(({ refusal }) => refusal === undefined)) {
      interruption.check();
      const { contender } = turn;
      const watched: Contender = { ...contender, start: (ground) => (running = contender.start(ground)) };
      const show = (phase: string) => progress.show(phase);
      load = new LoadGenerator();
      const bench: Bench = { servers, counters, load, size: sizeFor(contender, effort), progress: show };
      progress.begin(`Round ${round} of ${effort.rounds}, ${contender.name}`);
      try {
        const figures = await measure(watched, bench);
        turn.figures.push(figures);
        progress.end(`${digits(figures.ordersPerSecond)} orders/s, ${digits(figures.processorMs)} CPU-ms per order`);
      } catch (error) {
        // Everything fails while it is being stopped.
        interruption.check();
        turn.refusal = error instanceof BooksAreWrong ? `its books are wrong\n${error.message}` : (error as Error).message;
        progress.end(red(`refused: ${turn.refusal}`));
      } finally {
        load.stop();
      }
    }
  }
  return turns;
}

/** How to do this again, to look at. */
function commandFor(args: readonly string[]): string {
  const asked = args.filter((argument) => argument !== '--write');
  return ['npm run bench', ...(asked.length > 0 ? ['--'] : []), ...asked].join(' ');
}

function print(report: OrdersReport): void {
  const ratios = ratiosTable(report);
  say(`\n${bold('Medians')}\n`);
  for (const line of figuresTable(report)) say(line);
  if (ratios.length > 0) say(`\n${bold('Ratios within each round')}\n`);
  for (const line of ratios) say(line);
  for (const doubt of doubts(report)) say(red(`\n${doubt}`));
}

function save(report: OrdersReport, write: boolean): void {
  const folder = join(projectRoot, '.local', 'bench');
  const file = join(folder, `${new Date().toISOString().slice(0, 19).replaceAll(':', '-')}.json`);
  mkdirSync(folder, { recursive: true });
  writeFileSync(file, asJson({ orders: report }));
  say(`\nAll figures: ${relative(projectRoot, file)}`);
  if (!write) return;
  keepPerformance({ orders: report });
  say(`Written: ${relative(projectRoot, page)}`);
}

let options: BenchOptions | undefined;
try {
  options = readOptions(process.argv.slice(2));
} catch (error) {
  if (!(error instanceof BadUsage)) throw error;
  console.error(`${error.message}\n\n${usage}`);
  process.exitCode = 2;
}
if (options?.help) say(usage);
else if (options) process.exit(await main(options));
