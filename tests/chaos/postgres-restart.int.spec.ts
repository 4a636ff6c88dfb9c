import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { asCustomer, eventually, freePort, operatorToken, startPostgres, startWorld, type World } from '#libs/testing';
import { verifyEventually } from '#libs/verify';
import { legalMoves } from '../../demo/legal-moves.js';

/* A Postgres of its own for the three services. The provider keeps its books elsewhere. */

const ordersPerSecond = 10;
let dir: string;
let port: number;
let postgres: Awaited<ReturnType<typeof startPostgres>>;
let world: World;

beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'orderly-restart-'));
  port = await freePort();
  postgres = await startPostgres({ dir, port, own: true });
  world = await startWorld({ postgresUrl: postgres.url });
}, 120_000);
afterAll(async () => {
  await world?.stop();
  await postgres?.stop();
  rmSync(dir, { recursive: true, force: true });
});

/** Customers who come at a steady rate, and ask again with the same key until they are answered 201. */
class Load {
  readonly accepted: string[] = [];
  readonly statuses = new Map<number, number>();
  private stopping = false;
  private readonly underWay = new Set<Promise<void>>();
  private readonly coming = this.come();

  async end(): Promise<void> {
    this.stopping = true;
    await this.coming;
    await Promise.all(this.underWay);
  }

  private async come(): Promise<void> {
    while (!this.stopping) {
      const one: Promise<void> = this.placeOne().finally(() => this.underWay.delete(one));
      this.underWay.add(one);
      await sleep(1000 / ordersPerSecond);
    }
  }

  private async placeOne(): Promise<void> {
    const key = randomUUID();
    const id = await eventually(
      async () => {
        const response = await fetch(`${world.order.baseUrl}/orders`, {
          method: 'POST',
          headers: { 'content-type': 'application/json', ...asCustomer(key), 'idempotency-key': key },
          body: JSON.stringify({
            items: [{ sku: 'MUG-STONEWARE', quantity: 1 }],
            email: `${key}@example.com`,
            paymentMethod: 'pm_card_visa',
          }),
        });
        this.statuses.set(response.status, (this.statuses.get(response.status) ?? 0) + 1);
        const text = await response.text();
        if (response.status !== 201) throw new Error(`${response.status}: ${text}`);
        return (JSON.parse(text) as { id: string }).id;
      },
      { within: 60_000, every: 250 },
    );
    this.accepted.push(id);
  }
}

describe.each([
  { how: 'fast', signal: 'SIGINT' },
  { how: 'immediate', signal: 'SIGQUIT' },
] as const)('a $how restart of Postgres under load', ({ signal }) => {
  it(
    'costs some answers of 503 and nothing else: no order lost, none done twice, no service started again',
    { timeout: 180_000 },
    async () => {
      const services = [world.order, world.payment, world.notification];
      const pids = services.map(({ pid }) => pid);
      const load = new Load();
      await eventually(() => expect(load.accepted.length).toBeGreaterThanOrEqual(20), { within: 30_000 });
      process.kill(postgres.pid!, signal);
      await postgres.stop();
      await eventually(() => expect(load.statuses.get(503) ?? 0).toBeGreaterThanOrEqual(1), { within: 30_000 });
      postgres = await startPostgres({ dir, port, own: true });
      const acceptedBefore = load.accepted.length;
      await eventually(() => expect(load.accepted.length).toBeGreaterThanOrEqual(acceptedBefore + 20), { within: 60_000 });
      await load.end();

      expect(new Set(load.statuses.keys())).toEqual(new Set([201, 503]));
      expect(new Set(load.accepted).size).toBe(load.accepted.length);
      const results = await verifyEventually(
        {
          databaseUrls: world.databaseUrls,
          rabbitmq: { url: world.vhost.url, managementUrl: world.vhost.managementUrl },
          baseUrls: { order: world.order.baseUrl, payment: world.payment.baseUrl },
          operatorToken: operatorToken('verify'),
          legalMoves,
        },
        90_000,
        // What was sent while its deletion was lost is sent again, and waits twice for its time. The second time the inbox knows it.
        { only: ({ name }) => name !== 'delays-are-accounted-for' },
      );
      expect(results.filter(({ violations }) => violations > 0)).toEqual([]);
      expect(results.length).toBeGreaterThan(0);
      expect(services.map(({ pid }) => pid)).toEqual(pids);
      expect(services.map(({ exit }) => exit)).toEqual([undefined, undefined, undefined]);
      // But for mails whose claim was not answered: nobody knows who has them, until it runs out.
      const failed = services.flatMap(({ log }) => log).map(({ msg }) => String(msg));
      expect(failed.filter((msg) => msg.includes('failed, attempt') && !msg.startsWith('notification.email:'))).toEqual([]);
      expect((await world.vhost.depth('orderly.dead-letters')).messages).toBe(0);
    },
  );
});
