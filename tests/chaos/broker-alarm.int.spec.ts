import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually, startRabbitMq, startWorld, type World } from '#libs/testing';
import { Customer } from '../journeys/customer.spec-support.js';

/* A broker of its own: an alarm stops everybody who publishes to it. */

let dir: string;
let broker: Awaited<ReturnType<typeof startRabbitMq>>;
let world: World;

beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'orderly-alarm-'));
  broker = await startRabbitMq({ dir, own: true, disposable: true });
  world = await startWorld({ rabbitmq: broker });
}, 120_000);
afterAll(async () => {
  await world?.stop();
  await broker?.stop();
  rmSync(dir, { recursive: true, force: true });
});

const count = async (database: 'order' | 'payment', table: string): Promise<number> => {
  const client = new Client({ connectionString: world.databaseUrls[database] });
  await client.connect();
  const { rows } = await client.query(`SELECT count(*)::int AS count FROM ${table}`);
  await client.end();
  return rows[0].count;
};

/** Messages of a queue, those that were delivered and are not acknowledged included. The broker counts every five seconds. */
async function unfinished(queue: string): Promise<number> {
  const listed = await broker.control!('list_queues', '--vhost', world.vhost.name, '--quiet', '--no-table-headers', 'name', 'messages');
  const line = listed.split('\n').find((each) => each.startsWith(`${queue}\t`));
  return Number(line?.split('\t')[1]);
}

async function health(service: 'order' | 'payment') {
  const response = await fetch(`${world[service].baseUrl}/health/ready`);
  const report = (await response.json()) as { status: string; checks: Record<string, { detail?: string }> };
  return { code: response.status, status: report.status, messaging: report.checks['messaging']?.detail ?? '' };
}

describe.each([
  { resource: 'memory', raise: ['set_vm_memory_high_watermark', 'absolute', '1000'], clear: ['set_vm_memory_high_watermark', '0.4'] },
  { resource: 'disk', raise: ['set_disk_free_limit', '100000000000000'], clear: ['set_disk_free_limit', '50000000'] },
])('while the broker has an alarm for its $resource', ({ resource, raise, clear }) => {
  it(
    'orders are accepted and kept in the outbox, readiness says why, consumers acknowledge, and then all goes on',
    { timeout: 120_000 },
    async (context) => {
      if (!broker.control) return context.skip(`${broker.origin} has no rabbitmqctl at hand`);
      const customer = new Customer(world);
      const payments = await count('payment', 'payments');
      // What the payment service will have before it, and has not begun.
      world.payment.pause();
      const early = [await customer.place({ paymentMethod: 'pm_card_visa' }), await customer.place({ paymentMethod: 'pm_card_visa' })];
      await eventually(async () => expect(await count('order', 'outbox')).toBe(0));
      await eventually(async () => expect(await unfinished('payment.open-payment')).toBe(2), { within: 20_000 });
      await broker.control(...raise);

      const late = [await customer.place({ paymentMethod: 'pm_card_visa' }), await customer.place({ paymentMethod: 'pm_card_visa' })];
      expect(await count('order', 'outbox')).toBe(4);
      await eventually(async () =>
        expect(await health('order')).toMatchObject({
          code: 200,
          status: 'degraded',
          messaging: expect.stringMatching(new RegExp(`publishing is blocked: low on ${resource}`)),
        }),
      );

      world.payment.resume();
      await eventually(async () => expect(await count('payment', 'payments')).toBe(payments + 2), { within: 15_000 });
      await eventually(async () => expect(await unfinished('payment.open-payment')).toBe(0), { within: 20_000 });

      await broker.control(...clear);
      for (const { id } of [...early, ...late]) await customer.sees(id, 'paid', 30_000);
      for (const database of ['order', 'payment'] as const) await eventually(async () => expect(await count(database, 'outbox')).toBe(0));
      await eventually(async () => expect(await health('order')).toMatchObject({ status: 'up', messaging: '' }));
      expect((await world.vhost.depth('orderly.dead-letters')).messages).toBe(0);
    },
  );
});
