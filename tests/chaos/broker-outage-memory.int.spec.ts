import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from 'pg';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { asCustomer, eventually, startWorld, type World } from '#libs/testing';

/*
 * Postgres is the buffer, never a process's memory. By default a short outage; the long one is
 * BROKER_OUTAGE_SECONDS=300 BROKER_OUTAGE_ORDERS_PER_SECOND=100 npm test -- tests/chaos/broker-outage-memory
 */
const outageSeconds = Number(process.env['BROKER_OUTAGE_SECONDS'] ?? 20);
const ordersPerSecond = Number(process.env['BROKER_OUTAGE_ORDERS_PER_SECOND'] ?? 200);
/** What the heap's bound of 128 MB, code, buffers and threads come to; the orders of a long outage alone would be more. */
const mostMegabytes = 260;
/** By so much the second half of an outage may be above the first: garbage that is not collected yet, and no more the longer it lasts. */
const mostGrowthMegabytes = 40;

let world: World;
let client: Client;

beforeAll(async () => {
  // Nobody else: what is looked at is the process that has the orders and cannot send them.
  world = await startWorld({ proxied: ['order.rabbitmq'], asleep: ['payment', 'notification', 'psp-simulator'] });
  client = new Client({ connectionString: world.databaseUrls.order });
  await client.connect();
});
afterAll(async () => {
  await client?.end();
  await world?.stop();
});

const count = async (table: string): Promise<number> => (await client.query(`SELECT count(*)::int AS count FROM ${table}`)).rows[0].count;

function megabytes(): number {
  const [, kilobytes] = /VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${world.order.pid}/status`, 'utf8'))!;
  return Number(kilobytes) / 1024;
}

async function place(): Promise<number> {
  const id = randomUUID();
  const response = await fetch(`${world.order.baseUrl}/orders`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...asCustomer(id), 'idempotency-key': id },
    body: JSON.stringify({ items: [{ sku: 'MUG-STONEWARE', quantity: 1 }], email: `${id}@example.com` }),
  });
  await response.arrayBuffer();
  return response.status;
}

/** Orders at a steady rate, whatever becomes of them, for so long; counts the answers, and takes a sample of the memory each half second. */
async function load(seconds: number): Promise<{ statuses: Map<number, number>; samples: number[] }> {
  const statuses = new Map<number, number>();
  const samples: number[] = [];
  const underWay: Promise<void>[] = [];
  const startedAt = performance.now();
  let begun = 0;
  for (let tick = 0; performance.now() - startedAt < seconds * 1000; tick += 1) {
    const due = ((performance.now() - startedAt) / 1000) * ordersPerSecond;
    for (; begun < due; begun += 1)
      underWay.push(
        place().then(
          (status) => void statuses.set(status, (statuses.get(status) ?? 0) + 1),
          () => void statuses.set(0, (statuses.get(0) ?? 0) + 1),
        ),
      );
    if (tick % 25 === 0) samples.push(megabytes());
    await sleep(20);
  }
  await Promise.all(underWay);
  return { statuses, samples };
}

const most = (samples: readonly number[]) => Math.max(...samples);

it.runIf(process.platform === 'linux')(
  `${outageSeconds} s without the broker at ${ordersPerSecond} orders a second fill the outbox and not the memory, and then the outbox is drained`,
  { timeout: (outageSeconds + 180) * 1000 },
  async () => {
    await load(3);
    await eventually(async () => expect(await count('outbox')).toBe(0), { within: 30_000 });
    const before = { orders: await count('orders'), megabytes: megabytes() };

    const line = world.proxy('order.rabbitmq');
    line.refuse();
    line.cut();
    const { statuses, samples } = await load(outageSeconds);
    expect([...statuses.keys()]).toEqual([201]);
    const accepted = statuses.get(201)!;
    expect(accepted).toBeGreaterThan((outageSeconds * ordersPerSecond) / 2);
    expect(await count('orders')).toBe(before.orders + accepted);
    // order.placed.v1 and order.expire.v1 of each.
    expect(await count('outbox')).toBe(2 * accepted);

    line.restore();
    const drainedFrom = performance.now();
    const draining: number[] = [];
    await eventually(
      async () => {
        draining.push(megabytes());
        expect(await count('outbox')).toBe(0);
      },
      { within: 120_000, every: 200 },
    );
    const drainSeconds = (performance.now() - drainedFrom) / 1000;
    expect((await world.vhost.depth('payment.open-payment')).messages).toBe(before.orders + accepted);

    const half = Math.floor(samples.length / 2);
    const peaks = { first: most(samples.slice(0, half)), second: most(samples.slice(half)), draining: most(draining) };
    process.stdout.write(
      `accepted ${accepted} in ${outageSeconds} s; RSS before ${before.megabytes.toFixed(0)} MB, at most ${peaks.first.toFixed(0)} in the first half, ` +
        `${peaks.second.toFixed(0)} in the second, ${peaks.draining.toFixed(0)} draining ${2 * accepted} rows in ${drainSeconds.toFixed(1)} s\n`,
    );
    expect(peaks.second - peaks.first).toBeLessThan(mostGrowthMegabytes);
    expect(most([peaks.second, peaks.draining])).toBeLessThan(mostMegabytes);
  },
);
