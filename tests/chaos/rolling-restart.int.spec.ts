import { randomUUID } from 'node:crypto';
import { Agent, request, type IncomingHttpHeaders } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { asCustomer, eventually, operatorToken, type ServiceProcess, startWorld, type World } from '#libs/testing';
import { verifyEventually } from '#libs/verify';
import { legalMoves } from '../../demo/legal-moves.js';
import { judge } from '../setup/answer-judge.js';

/*
 * A new version goes out while customers order: each of two replicas of each service is told to stop (SIGTERM) and started anew, one
 * after the other. The client does what a load balancer does, and keeps a ledger of what it was answered.
 */

const shutdownDeadlineSeconds = 10;
const ordersPerSecond = 15;

let world: World;
let replicas: Record<'order' | 'payment' | 'notification', [ServiceProcess, ServiceProcess]>;
const agent = new Agent({ keepAlive: true });
const oneShot = new Agent();

beforeAll(async () => {
  world = await startWorld({ env: { SHUTDOWN_DEADLINE_SECONDS: String(shutdownDeadlineSeconds), DATABASE_POOL_SIZE: '6' } });
  replicas = {
    order: [world.order, await world.replica('order')],
    payment: [world.payment, await world.replica('payment')],
    notification: [world.notification, await world.replica('notification')],
  };
}, 120_000);
afterAll(async () => {
  agent.destroy();
  await world?.stop();
});

describe('a service that is told to stop', () => {
  it('answers the request that is under way, sends what that has said, and is not held up by connections that ask nothing', async () => {
    const [stopping, other] = replicas.order;
    await halt(other);
    const idle = new Agent({ keepAlive: true });
    await post(stopping, '/orders', { agent: idle });
    const lock = await lockOrders();
    const underWay = post(stopping, '/orders');
    await lock.waitedFor();

    const stopped = halt(stopping);
    await eventually(() => expect(post(stopping, '/health/live', { agent: oneShot })).rejects.toThrow('ECONNREFUSED'), { within: 10_000 });
    await lock.letGo();
    const answer = await underWay;
    expect([answer.status, answer.headers.connection]).toEqual([201, 'close']);
    // Well before the server would cut off whoever is still connected.
    expect((await stopped).seconds).toBeLessThan(4);
    // Nobody else is there who could have sent it.
    expect(await rows('order', 'SELECT type FROM outbox')).toEqual([]);
    idle.destroy();

    await Promise.all([stopping, other].map(startAnew));
  }, 60_000);

  it('loses and doubles nothing under load, one replica of each service after the other, and ends inside its deadline', async () => {
    const load = new Load(replicas.order);
    load.begin();
    for (const service of [replicas.order, replicas.payment, replicas.notification].flat()) {
      const { seconds } = await halt(service);
      expect(seconds).toBeLessThan(shutdownDeadlineSeconds);
      await startAnew(service);
    }
    await load.end();

    const { ledger } = load;
    process.stdout.write(`${ledger.length} orders; sent to the other replica: ${JSON.stringify([...load.refusals])}\n`);
    expect(ledger.length).toBeGreaterThan(100);
    expect(load.refusals.get('ECONNREFUSED')).toBeGreaterThan(0);
    expect(ledger.filter(({ status }) => status !== 201)).toEqual([]);
    const placed = ledger.map(({ orderId }) => orderId!).toSorted();
    await eventually(
      async () => {
        const unpaid = await rows<{ status: string }>(
          'order',
          `SELECT status FROM orders WHERE status <> 'paid' AND email LIKE 'rolling-%'`,
        );
        expect(unpaid).toEqual([]);
      },
      { within: 60_000, every: 250 },
    );
    const orders = await rows<{ id: string }>('order', `SELECT id FROM orders WHERE email LIKE 'rolling-%' ORDER BY id`);
    expect(orders.map(({ id }) => id)).toEqual(placed);
    expect(await wrong()).toEqual([]);
    expect(await ordersOfDeadlines()).toEqual(expect.arrayContaining(placed));
    // The mail server is a witness that no service can write to.
    expect(ledger.flatMap(({ email }) => (world.mails.to(email).length === 2 ? [] : [email]))).toEqual([]);
    for (const { name, log } of Object.values(replicas).flat())
      expect([name, log.filter(({ level }) => ['error', 'fatal'].includes(String(level)))]).toEqual([name, []]);
  }, 300_000);
});

/** SIGTERM. It ends by itself, with 0: with another code it would have left something behind at its deadline. */
async function halt(service: ServiceProcess): Promise<{ seconds: number }> {
  const before = performance.now();
  const exit = await service.stop();
  expect([service.name, exit]).toEqual([service.name, { code: 0, signal: null }]);
  return { seconds: (performance.now() - before) / 1000 };
}

async function startAnew(service: ServiceProcess): Promise<void> {
  await service.start();
  await service.ready();
}

interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** One request on a kept connection, where there is one. */
function post(service: ServiceProcess, path: string, options: { key?: string; email?: string; agent?: Agent } = {}): Promise<Answer> {
  const { key = randomUUID(), email = 'alice@example.com' } = options;
  const headers = { 'content-type': 'application/json', ...asCustomer('alice'), 'idempotency-key': key };
  return new Promise((resolve, reject) => {
    const asking = request(
      service.baseUrl + path,
      { method: 'POST', headers, agent: options.agent ?? agent, timeout: 30_000 },
      (response) => {
        let body = '';
        response.setEncoding('utf8').on('data', (chunk: string) => (body += chunk));
        response.on('end', () => {
          const { statusCode: status = 0, headers: given } = response;
          judge(service.baseUrl, { method: 'POST', path, status, mediaType: given['content-type'] ?? null, body });
          resolve({ status, headers: given, body });
        });
        response.on('error', reject);
      },
    );
    asking.on('error', reject).on('timeout', () => asking.destroy(new Error('no answer within 30 s')));
    asking.end(JSON.stringify({ items: [{ sku: 'MUG-STONEWARE', quantity: 2 }], email, paymentMethod: 'pm_card_visa' }));
  });
}

/** What one customer was answered in the end. */
interface Entry {
  readonly email: string;
  readonly status: number;
  readonly orderId?: string;
}

/** Orders at a steady rate, however quickly they are answered. What a stopping replica does not take goes to the other, with the same key. */
class Load {
  readonly ledger: Entry[] = [];
  /** Requests that were not taken, by how they were refused. */
  readonly refusals = new Map<string, number>();
  private readonly underWay: Promise<void>[] = [];
  private timer: NodeJS.Timeout | undefined;

  constructor(private readonly balanced: readonly [ServiceProcess, ServiceProcess]) {}

  begin(): void {
    this.timer = setInterval(() => this.underWay.push(this.order(this.underWay.length)), 1000 / ordersPerSecond);
  }

  async end(): Promise<void> {
    clearInterval(this.timer);
    await Promise.all(this.underWay);
  }

  private async order(number: number): Promise<void> {
    const email = `rolling-${number}@example.com`;
    const key = randomUUID();
    for (let tries = 0; ; tries += 1) {
      const answer = await post(this.balanced[(number + tries) % 2]!, '/orders', { key, email }).catch((error: Error) => error);
      const refusal = refusalOf(answer);
      if (refusal !== undefined && tries < 100) {
        this.refusals.set(refusal, (this.refusals.get(refusal) ?? 0) + 1);
        // Both may be away from a connection at once: one that stops, one that has just closed what was kept.
        if (tries % 2 === 1) await sleep(100);
        continue;
      }
      if (answer instanceof Error) throw answer;
      const orderId = answer.status === 201 ? (JSON.parse(answer.body) as { id: string }).id : undefined;
      this.ledger.push({ email, status: answer.status, ...(orderId && { orderId }) });
      return;
    }
  }
}

/** Undefined for any other answer: only these are sent again. */
function refusalOf(answer: Answer | Error): string | undefined {
  if (!(answer instanceof Error)) return answer.status === 503 ? `503 ${answer.body}` : undefined;
  return /ECONNREFUSED|ECONNRESET|EPIPE|socket hang up/.exec(answer.message)?.[0];
}

async function wrong(): Promise<string[]> {
  const results = await verifyEventually(
    {
      databaseUrls: world.databaseUrls,
      rabbitmq: { url: world.vhost.url, managementUrl: world.vhost.managementUrl },
      baseUrls: { order: world.order.baseUrl, payment: world.payment.baseUrl },
      operatorToken: operatorToken('verify'),
      legalMoves,
    },
    // A mail that was claimed by a replica which stopped before its turn waits for the claim to run out.
    90_000,
  );
  return results.flatMap(({ name, offenders, violations }) => (violations > 0 ? [`${name}: ${offenders.join('; ')}`] : []));
}

/** Takes out the deadlines that wait: each order has one. */
async function ordersOfDeadlines(): Promise<string[]> {
  const orders: string[] = [];
  for (let taken = await take(); taken; taken = await take()) orders.push(String(taken.properties.headers?.['cloudEvents_subject']));
  expect(new Set(orders).size).toBe(orders.length);
  return orders;

  function take() {
    return world.vhost.take('orderly.delay.lane-900');
  }
}

/** Keeps orders from being written. */
async function lockOrders() {
  const holder = new Client({ connectionString: world.databaseUrls.order });
  await holder.connect();
  await holder.query('BEGIN');
  await holder.query('LOCK TABLE orders IN SHARE MODE');
  const { rows: own } = await holder.query<{ pid: number }>('SELECT pg_backend_pid() AS pid');
  return {
    waitedFor: () =>
      eventually(async () =>
        expect(await rows('order', `SELECT pid FROM pg_stat_activity WHERE ${own[0]!.pid} = ANY(pg_blocking_pids(pid))`)).not.toEqual([]),
      ),
    letGo: () => holder.end(),
  };
}

async function rows<Row>(database: 'order', sql: string): Promise<Row[]> {
  const client = new Client({ connectionString: world.databaseUrls[database] });
  await client.connect();
  try {
    return (await client.query(sql)).rows as Row[];
  } finally {
    await client.end();
  }
}
