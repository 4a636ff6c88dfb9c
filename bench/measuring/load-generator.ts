/**
 * Places orders over HTTP, as a process of its own: what it costs is not charged to anybody. It speaks HTTP/1.1 over kept connections,
 * one request at a time on each, with as little work as possible; it reads a status, a length and an id.
 */
import { randomUUID } from 'node:crypto';
import { connect, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from 'pg';
import type { Load, LoadDone, Placer } from './load.js';

/** A looked-up count of told orders is this old at most. */
const lookMs = 150;
/** When nobody was told for so long, somebody never will be. */
const stalledMs = 60_000;

process.on('message', ({ load, placers }: { load: Load; placers: readonly Placer[] }) => void take(load, placers));
process.on('disconnect', () => process.exit(0));

async function take(load: Load, placers: readonly Placer[]): Promise<void> {
  try {
    process.send!(await run(load, placers));
  } catch (error) {
    process.send!({ kind: 'failed', message: (error as Error).message } satisfies LoadDone);
  }
}

async function run(load: Load, placers: readonly Placer[]): Promise<LoadDone> {
  const before = process.cpuUsage();
  const placed = load.kind === 'saturating' ? await saturate(load, placers) : await pace(load, placers[0]!);
  const { user, system } = process.cpuUsage(before);
  return { kind: 'done', placed, processorMs: (user + system) / 1000 };
}

type Placed = Extract<LoadDone, { kind: 'done' }>['placed'];

/** As many orders as possible, with so many of them accepted and not yet told of. */
async function saturate(
  { url, orders, connections, outstanding, told }: Extract<Load, { kind: 'saturating' }>,
  placers: readonly Placer[],
): Promise<Placed> {
  const placed: Placed = [];
  let started = 0;
  const watch = await ToldWatch.begin(told, orders);
  const customer = async () => {
    const connection = await Connection.open(url);
    while (started < orders) {
      if (started - watch.told >= outstanding) {
        await sleep(5);
        continue;
      }
      started += 1;
      const at = Date.now();
      const placer = placers[Math.floor(Math.random() * placers.length)]!;
      placed.push({ id: await connection.placeOrder(placer), dueAt: at, acceptedAt: Date.now() });
    }
    connection.close();
  };
  await Promise.all([...Array.from({ length: connections }, customer), watch.allTold]);
  return placed;
}

/** How many have been told since it began, looked up again and again until it is everybody. */
class ToldWatch {
  told = 0;
  /** Settles when everybody has been told; fails when that comes to a standstill. */
  readonly allTold: Promise<void>;

  private constructor(
    private readonly client: Client,
    private readonly count: string,
    toldBefore: number,
    everybody: number,
  ) {
    this.allTold = this.look(toldBefore, everybody);
  }

  static async begin({ databaseUrl, count }: Extract<Load, { kind: 'saturating' }>['told'], everybody: number): Promise<ToldWatch> {
    const client = new Client({ connectionString: databaseUrl });
    await client.connect();
    const { rows } = await client.query<{ told: number }>(count);
    return new ToldWatch(client, count, rows[0]!.told, everybody);
  }

  private async look(toldBefore: number, everybody: number): Promise<void> {
    // A lost connection fails the next look.
    this.client.on('error', () => {});
    let changedAt = Date.now();
    while (this.told < everybody) {
      await sleep(lookMs);
      const { rows } = await this.client.query<{ told: number }>(this.count);
      const told = rows[0]!.told - toldBefore;
      if (told > this.told) changedAt = Date.now();
      this.told = told;
      const stalled = Date.now() - changedAt > stalledMs;
      if (stalled) throw new Error(`${told} of ${everybody} orders were told of, and nobody for ${stalledMs / 1000} s`);
    }
    await this.client.end();
  }
}

/** So many orders a second, whatever becomes of those before: each is due at its time, and its latency counts from then. */
async function pace({ url, perSecond, seconds }: Extract<Load, { kind: 'paced' }>, placer: Placer): Promise<Placed> {
  const placed: Placed = [];
  const idle: Connection[] = [];
  const startAt = Date.now();
  const underWay: Promise<void>[] = [];
  for (let index = 0; index < perSecond * seconds; index += 1) {
    const dueAt = startAt + (index * 1000) / perSecond;
    const early = dueAt - Date.now();
    if (early > 0) await sleep(early);
    underWay.push(place(dueAt));
  }
  await Promise.all(underWay);
  for (const connection of idle) connection.close();
  return placed;

  async function place(dueAt: number): Promise<void> {
    const connection = idle.pop() ?? (await Connection.open(url));
    placed.push({ id: await connection.placeOrder(placer), dueAt, acceptedAt: Date.now() });
    idle.push(connection);
  }
}

const body = JSON.stringify({
  items: [
    { sku: 'MUG-STONEWARE', quantity: 2 },
    { sku: 'KETTLE-GOOSENECK', quantity: 1 },
  ],
  email: 'alice@example.com',
  paymentMethod: 'pm_card_visa',
});

/** One kept connection, for one request at a time. */
class Connection {
  private received = '';
  private settle: { resolve: (id: string) => void; reject: (error: Error) => void } | undefined;

  private constructor(
    private readonly socket: Socket,
    private readonly host: string,
  ) {
    socket.setEncoding('latin1');
    socket.setNoDelay(true);
    socket.on('data', (chunk: string) => this.receive(chunk));
    socket.on('error', (error) => this.settle?.reject(error));
    socket.on('close', () => this.settle?.reject(new Error('the connection was closed')));
  }

  static open(url: string): Promise<Connection> {
    const { hostname, port, host } = new URL(url);
    return new Promise((resolve, reject) => {
      const socket = connect(Number(port), hostname);
      socket.once('error', reject);
      socket.once('connect', () => resolve(new Connection(socket, host)));
    });
  }

  /** @returns the order's id */
  placeOrder({ name, authorization }: Placer): Promise<string> {
    return new Promise((resolve, reject) => {
      this.settle = { resolve, reject };
      this.socket.write(
        `POST /orders HTTP/1.1\r\nHost: ${this.host}\r\nContent-Type: application/json\r\nAuthorization: ${authorization}\r\n` +
          // The baselines believe whatever name they are told.
          `Name: ${name}\r\nIdempotency-Key: ${randomUUID()}\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
      );
    });
  }

  close(): void {
    this.settle = undefined;
    this.socket.destroy();
  }

  private receive(chunk: string): void {
    this.received += chunk;
    const headersEnd = this.received.indexOf('\r\n\r\n');
    if (headersEnd < 0) return;
    const [, length] = /\r\ncontent-length: (\d+)\r\n/i.exec(this.received.slice(0, headersEnd + 2)) ?? [];
    const end = headersEnd + 4 + Number(length ?? 0);
    if (this.received.length < end) return;
    const answer = this.received.slice(0, end);
    this.received = this.received.slice(end);
    const [, id] = /"id":"([0-9a-f-]{36})"/.exec(answer) ?? [];
    if (answer.startsWith('HTTP/1.1 201 ') && id) this.settle?.resolve(id);
    else this.settle?.reject(new Error(`an order was not accepted: ${answer}`));
  }
}
