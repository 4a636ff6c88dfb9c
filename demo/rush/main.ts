/** `npm run rush`: a thousand orders at once against a provider that misbehaves by a seed, and then the count of the money. */
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { operatorToken, projectRoot, startPostgres, startRabbitMq, startWorld, type World } from '#libs/testing';
import { verifyEventually, violationsIn } from '#libs/verify';
import { Cleanup } from '../cleanup.js';
import { Interruption } from '../interruption.js';
import { bold, dim, green, red, say, step } from '../output.js';
import { printResults } from '../verification.js';
import { legalMoves } from '../legal-moves.js';
import { live } from './customer.js';
import { planOrders, type Plan } from './plan.js';
import { lookAt, type Seen } from './progress.js';
import { summary } from './summary.js';

const usage = `npm run rush -- [options]
  --orders <number>  how many (1000); from 100
  --seed <number>    the same seed is the same orders and the same misbehaviour (1)
  --help             this text`;

/** Customers at once. */
const customers = 50;
/** How long after the last order everything has to be settled. */
const patienceMs = 180_000;

async function main(count: number, seed: number): Promise<number> {
  const interruption = new Interruption();
  const cleanup = new Cleanup();
  let exitCode: number;
  try {
    exitCode = await interruption.during(rush(count, seed, cleanup));
  } catch (error) {
    exitCode = interruption.exitCode ?? 1;
    if (interruption.exitCode === undefined) say(red((error as Error).message));
  }
  return (await cleanup.run()) ? exitCode : exitCode || 1;
}

async function rush(count: number, seed: number, cleanup: Cleanup): Promise<number> {
  const world = await start(cleanup);
  const plans = planOrders(count, seed);
  say(
    `\n${bold(`${plans.length} orders, seed ${seed}`)} ${dim('(the provider declines, hangs, fails after it captured, and doubles, drops and shuffles its events)')}`,
  );
  const placed = await step(`Placing them, ${customers} customers at once`, () => placeAll(plans, world));
  const seen = await untilSettled(placed, world);
  say();
  for (const line of summary(seen)) say(line);
  const unsettled = seen.filter(({ settled }) => !settled).length;
  if (unsettled > 0) say(red(`\n${unsettled} orders have not ended as they have to.`));

  say(`\n${bold('Whether the books add up')} ${dim('(as npm run verify does)')}`);
  const { order, payment } = world;
  const results = await verifyEventually(
    {
      databaseUrls: world.databaseUrls,
      rabbitmq: { url: world.vhost.url, managementUrl: world.vhost.managementUrl },
      baseUrls: { order: order.baseUrl, payment: payment.baseUrl },
      operatorToken: operatorToken('verify'),
      legalMoves,
    },
    60_000,
  );
  printResults(results);
  return unsettled + violationsIn(results) === 0 ? 0 : 1;
}

async function start(cleanup: Cleanup): Promise<World> {
  const dir = join(projectRoot, '.local', 'rush', String(process.pid));
  mkdirSync(dir, { recursive: true });
  cleanup.add('Removing what it left', async () => rmSync(dir, { recursive: true, force: true }));
  await step('Starting Postgres and RabbitMQ', async (log) => {
    const starting = [
      startPostgres({ dir: join(dir, 'postgres'), log }),
      startRabbitMq({ dir: join(dir, 'rabbitmq'), disposable: true, log }),
    ] as const;
    const outcomes = await Promise.allSettled(starting);
    cleanup.add('Stopping Postgres and RabbitMQ', () =>
      Promise.all(outcomes.map(async (outcome) => outcome.status === 'fulfilled' && (await outcome.value.stop()))),
    );
    const [postgres, rabbitmq] = await Promise.all(starting);
    Object.assign(process.env, {
      ORDERLY_POSTGRES_URL: postgres.url,
      ORDERLY_RABBITMQ_URL: rabbitmq.url,
      ORDERLY_RABBITMQ_MANAGEMENT_URL: rabbitmq.managementUrl,
    });
  });
  const world = await step('Starting the services', () =>
    startWorld({
      // Longer than the shortest window of an order, so that what is captured without an answer is money that comes too late.
      envOf: { payment: { PSP_TIMEOUT_MS: '6000' }, 'psp-simulator': { WEBHOOK_LATE_MS: '7000' } },
    }),
  );
  cleanup.add('Stopping the services', () => world.stop());
  return world;
}

/** @returns each order's plan, by the order's id */
async function placeAll(plans: readonly Plan[], world: World): Promise<Map<string, Plan>> {
  const placed = new Map<string, Plan>();
  const addresses = { order: world.order.baseUrl, payment: world.payment.baseUrl };
  const left = plans.entries();
  const one = async () => {
    for (const [number, plan] of left) placed.set(await live(plan, number, addresses), plan);
  };
  await Promise.all(Array.from({ length: customers }, one));
  return placed;
}

/** Waits until each order has ended as it may, and shows how many have. */
async function untilSettled(plans: ReadonlyMap<string, Plan>, world: World): Promise<Seen[]> {
  const deadline = Date.now() + patienceMs;
  return step('Waiting until each of them is settled', async (log) => {
    let said = Date.now();
    for (;;) {
      const seen = await lookAt(plans, world.databaseUrls);
      const settled = seen.filter((order) => order.settled).length;
      if (settled === seen.length || Date.now() > deadline) return seen;
      if (Date.now() - said > 5_000) {
        said = Date.now();
        log(`${settled} of ${seen.length}`);
      }
      await sleep(500);
    }
  });
}

/** @returns undefined when the command line can't be understood */
function readOptions(): { orders: number; seed: number; help: boolean } | undefined {
  try {
    const { values } = parseArgs({
      options: {
        orders: { type: 'string', default: '1000' },
        seed: { type: 'string', default: '1' },
        help: { type: 'boolean', default: false },
      },
    });
    const [orders, seed] = [Number(values.orders), Number(values.seed)];
    return Number.isInteger(orders) && orders >= 100 && Number.isInteger(seed) ? { orders, seed, help: values.help } : undefined;
  } catch {
    return undefined;
  }
}

const options = readOptions();
if (!options) {
  console.error(usage);
  process.exitCode = 2;
} else if (options.help) say(usage);
else {
  const exitCode = await main(options.orders, options.seed);
  say(exitCode === 0 ? green('\nNothing lost, nothing captured twice, nothing stuck.') : red('\nThe rush has failed.'));
  process.exit(exitCode);
}
