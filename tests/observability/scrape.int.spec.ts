import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { connect } from 'amqplib';
import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually, projectRoot, ServiceProcess, startWorld, type World } from '#libs/testing';
import { declaredMetrics } from '../docs/metrics.spec-support.js';
import { Customer } from '../journeys/customer.spec-support.js';

const dir = join(projectRoot, 'deploy', 'observability');
const watched = ['alerts.yml', 'grafana/dashboards/orderly.json'];

let world: World;
/** Each service's metrics, as Prometheus reads them. */
let scrapes: Record<string, string>;

beforeAll(async () => {
  // Without the sweeper what is overdue stays so.
  world = await startWorld({ console: true, envOf: { order: { OVERDUE_SWEEP_INTERVAL_MS: '3600000' } } });
  const alice = new Customer(world);
  const placed = await alice.place({ paymentMethod: 'pm_card_visa' });
  await alice.sees(placed.id, 'paid');
  await alice.isTold(/We have your order/, /Your order is paid/);
  await eventually(async () => {
    await scrape();
    // What is sent is deleted a little later.
    const waiting = Object.keys(scrapes).filter((service) => sampleOf(service, 'orderly_outbox_messages') !== 0);
    if (waiting.length > 0) throw new Error(`the outbox of ${waiting.join(', ')} is not empty`);
  });
});
afterAll(() => world?.stop());

async function scrape(): Promise<void> {
  const { order, payment, notification, console } = world;
  const read = async ({ name, baseUrl }: ServiceProcess) => [name, await (await fetch(`${baseUrl}/metrics`)).text()] as const;
  scrapes = Object.fromEntries(await Promise.all([order, payment, notification, console].map(read)));
}

const sampleOf = (service: string, series: string): number | undefined => {
  const line = scrapes[service]!.split('\n').find((text) => text.startsWith(`${series} `));
  return line === undefined ? undefined : Number(line.slice(series.length));
};

describe('what services show to Prometheus', () => {
  it.each(watched)('has every metric that %s reads', (file) => {
    const named = [...readFileSync(join(dir, file), 'utf8').matchAll(/\borderly_\w+/g)].map(([name]) => name);
    const shown = Object.values(scrapes).join('\n');
    const missing = new Set(
      named.filter((name) => !new RegExp(`^# TYPE ${name.replace(/_(bucket|sum|count)$/, '(_bucket|_sum|_count)?')} `, 'm').test(shown)),
    );
    expect([...missing]).toEqual([]);
  });

  it('is all that is documented, each by the service that it is documented with', async () => {
    for (const [folder, metrics] of await declaredMetrics()) {
      const services = folder.startsWith('libs/') ? Object.keys(scrapes) : [folder.slice('apps/'.length)].filter((name) => name in scrapes);
      for (const service of services)
        for (const { name, type } of metrics)
          expect([service, scrapes[service]]).toEqual([service, expect.stringContaining(`# TYPE ${name} ${type}\n`)]);
    }
  });

  it('counts what has happened', () => {
    expect(sampleOf('order', 'orderly_orders_placed_total')).toBe(1);
    expect(sampleOf('order', 'orderly_orders_paid_total')).toBe(1);
    expect(sampleOf('payment', 'orderly_messages_handled_total{queue="payment.open-payment",outcome="done"}')).toBe(1);
    expect(sampleOf('payment', 'orderly_psp_request_seconds_count{operation="capture",outcome="captured"}')).toBe(1);
    expect(sampleOf('notification', 'orderly_mails_total{outcome="sent"}')).toBe(2);
  });

  it('looks up what nobody counts', () => {
    for (const service of ['order', 'payment', 'notification', 'console']) {
      expect(sampleOf(service, 'orderly_outbox_oldest_seconds')).toBe(0);
      expect(sampleOf(service, 'orderly_database_pool_limit_connections')).toBe(8);
      expect(sampleOf(service, 'orderly_database_pool_connections')).toBeGreaterThan(0);
    }
    expect(sampleOf('order', 'orderly_orders_overdue')).toBe(0);
    expect(sampleOf('payment', 'orderly_payments_unsettled')).toBe(0);
    expect(sampleOf('console', 'orderly_dead_letters_parked')).toBe(0);
  });

  it('has what may happen before it does, so that the first time is an increase', () => {
    expect(sampleOf('order', 'orderly_messages_handled_total{queue="order.settle-order",outcome="dead"}')).toBe(0);
    expect(sampleOf('order', 'orderly_message_retries_total{queue="order.settle-order",rung="5"}')).toBe(0);
    expect(sampleOf('order', 'orderly_consumers_paused{queue="order.settle-order"}')).toBe(0);
  });

  it('shows what is stuck: an order, a payment, a message', async () => {
    const bob = new Customer(world);
    const overdue = await bob.place();
    const orders = new Client({ connectionString: world.databaseUrls.order });
    await orders.connect();
    await orders.query(`UPDATE orders SET payment_deadline = now() - interval '1 minute' WHERE id = $1`, [overdue.id]);
    await orders.end();
    await bob.place({ paymentMethod: 'pm_sim_held' });
    await bob.place({ paymentMethod: 'pm_card_processing' });
    const broker = await connect(world.vhost.url);
    const channel = await broker.createConfirmChannel();
    channel.sendToQueue('order.settle-order', Buffer.from('nonsense'));
    await channel.waitForConfirms();
    await broker.close();
    await eventually(async () => {
      await scrape();
      expect(sampleOf('order', 'orderly_orders_overdue')).toBe(1);
      expect(sampleOf('payment', 'orderly_payments_unsettled')).toBe(1);
      expect(sampleOf('payment', 'orderly_payments_unsettled_oldest_seconds')).toBeGreaterThan(0);
      expect(sampleOf('order', 'orderly_messages_handled_total{queue="order.settle-order",outcome="dead"}')).toBe(1);
      expect(sampleOf('console', 'orderly_dead_letters_parked')).toBe(1);
    });
  });
});
