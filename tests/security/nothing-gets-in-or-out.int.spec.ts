import { randomUUID } from 'node:crypto';
import { connect, type ConfirmChannel } from 'amqplib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { envelopeToHeaders, OrderPlaced, topology } from '#libs/contracts';
import { asCustomer, asOperator, eventually, startWorld, type World } from '#libs/testing';
import { Customer } from '../journeys/customer.spec-support.js';
import { cardNumber, columnsWith, dumpOf, rowsOf, secrets, serversWithCanaries } from './canaries.spec-support.js';
import { operationsOf, variantsOf, type Operation } from './operations.spec-support.js';

const forgedLine = '\r\n{"level":"fatal","msg":"forged"}\r\n';

/** Texts that mean something to whoever takes them for more than text. */
const hostile: readonly (readonly [string, string])[] = [
  ['a quote', `' OR '1'='1`],
  ['a second statement', `'; DROP TABLE orders, payments, notifications, dead_letters CASCADE; --`],
  ['a statement that takes its time', `1); SELECT pg_sleep(14); --`],
  ['a union', `") UNION SELECT version(), current_user --`],
  ['marks of patterns, escapes and parameters', `%_\\' $1 :id ? {{7*7}} \${7*7}`],
  ['a NUL', 'alice\0; --'],
  ['half of a surrogate pair', 'alice\ud800'],
  ['a line of a log', forgedLine],
  ['a line in other words', '\u2028{"level":"fatal","msg":"forged"}\u2029\u0085\u001b[2K\u001b[1Aforged'],
  ['a path', '../../../../etc/passwd\\..\\'],
  ['a name of every object', '__proto__'],
  ['a long one', `'`.repeat(4000)],
];

/** What nobody outside is to read: the database's words, the code's, and the version that answers to a union. */
const leaks =
  /QueryFailedError|syntax error|unterminated|invalid input syntax|invalid byte sequence|violates|PostgreSQL \d|node_modules|\.js:\d+|\n\s+at /;

let servers: Awaited<ReturnType<typeof serversWithCanaries>>;
let world: World;
let alice: Customer;
let operations: Operation[];
let ids: Readonly<Record<string, string>>;

const services = () => [world.order, world.payment, world.notification, world.console];

beforeAll(async () => {
  servers = await serversWithCanaries();
  const apiKey = secrets['the key of the provider'];
  const webhookSecret = secrets['the secret of its webhooks'];
  world = await startWorld({
    console: true,
    ...servers,
    env: { CURSOR_SECRET: secrets['the secret of cursors'] },
    envOf: {
      payment: { PSP_API_KEY: apiKey, PSP_WEBHOOK_SECRET: webhookSecret },
      'psp-simulator': { API_KEY: apiKey, WEBHOOK_SECRET: webhookSecret },
    },
  });
  alice = new Customer(world);
  const { id } = await alice.place({ paymentMethod: 'pm_card_visa' });
  await alice.sees(id, 'paid');
  ids = { orders: id, conversations: id, payments: (await alice.payment(id)).id };
  operations = (await Promise.all(services().map(operationsOf))).flat();
});
afterAll(async () => {
  await world?.stop();
  await servers?.drop();
});

interface Sent {
  readonly path: string;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

/** The path of a call, with something that is there in the place of its ids. */
function pathOf({ path }: Operation, instead: (name: string) => string = () => ids[path.split('/')[1]!] ?? randomUUID()): string {
  return path.replaceAll(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(instead(name)));
}

/** Everywhere that a text can be put into a call. */
function placesIn(operation: Operation, text: string): Sent[] {
  const url = pathOf(operation);
  const written = Buffer.from(text).toString();
  const query = (name: string) => `${url}?${encodeURIComponent(name)}=${encodeURIComponent(written)}`;
  const named = operation.parameters.filter((parameter) => parameter.in === 'query').map(({ name }) => query(name));
  const inPath = operation.path.includes('{') ? [pathOf(operation, () => written)] : [];
  const printable = text.replaceAll(/[^!-~]/g, '_');
  return [
    ...[...named, query(written), ...inPath].map((path) => ({ path, body: operation.body })),
    ...variantsOf(operation.body, text).map((body) => ({ path: url, body })),
    {
      path: url,
      body: operation.body,
      headers: { 'idempotency-key': printable, traceparent: printable, 'user-agent': printable, 'last-event-id': printable },
    },
  ];
}

async function answerTo({ service, method }: Operation, { path, body, headers = {} }: Sent, caller: Record<string, string>) {
  const { baseUrl } = services().find(({ name }) => name === service)!;
  const response = await fetch(baseUrl + path, {
    method,
    headers: { 'idempotency-key': randomUUID(), ...caller, ...(method !== 'GET' && { 'content-type': 'application/json' }), ...headers },
    ...(method !== 'GET' && { body: JSON.stringify(body ?? {}) }),
    signal: AbortSignal.timeout(10_000),
  });
  const isStream = response.headers.get('content-type')?.startsWith('text/event-stream');
  if (isStream) await response.body?.cancel();
  return { status: response.status, text: isStream ? '' : await response.text() };
}

/** What is wrong with how a call takes a text, wherever it is put. */
async function faultsOf(operation: Operation, text: string): Promise<string[]> {
  const faults: string[] = [];
  for (const sent of placesIn(operation, text)) {
    const asOwner = await answerTo(operation, sent, asCustomer(alice.id));
    const answer = asOwner.status === 403 ? await answerTo(operation, sent, asOperator('olga')) : asOwner;
    if (answer.status < 500 && !leaks.test(answer.text)) continue;
    faults.push(`${operation.method} ${sent.path} ${JSON.stringify(sent.body)}: ${answer.status} ${answer.text.slice(0, 300)}`);
  }
  return faults;
}

/** Puts a message into a queue past everybody who would say it so. */
async function withChannel<Result>(work: (channel: ConfirmChannel) => Promise<Result>): Promise<Result> {
  const client = await connect(world.vhost.url);
  try {
    const channel = await client.createConfirmChannel();
    const result = await work(channel);
    await channel.waitForConfirms();
    return result;
  } finally {
    await client.close();
  }
}

describe('a hostile text', () => {
  it.each(hostile)('is nothing but a text in every parameter, member and header of every call: %s', async (_, text) => {
    expect(operations.length).toBeGreaterThan(20);
    const faults = await Promise.all(operations.map((operation) => faultsOf(operation, text)));
    expect(faults.flat()).toEqual([]);
  });

  it('has left every table and every product where it was', async () => {
    const url = world.databaseUrls.order;
    expect(await rowsOf(url, 'SELECT status FROM orders WHERE id = $1', [ids['orders']])).toHaveLength(1);
    expect(await rowsOf(url, 'SELECT FROM products')).toHaveLength(9);
    await rowsOf(world.databaseUrls.payment, 'SELECT FROM payments, refunds, ledger_entries');
    await rowsOf(world.databaseUrls.console!, 'SELECT FROM dead_letters, audit');
  });

  it('that is allowed is kept to the letter', async () => {
    const [, [, reason]] = hostile as [unknown, [string, string]];
    const { id } = await alice.place({ paymentMethod: 'pm_card_visa' });
    await alice.sees(id, 'paid');
    const { id: paymentId } = await alice.payment(id);
    const response = await fetch(`${world.payment.baseUrl}/payments/${paymentId}/refunds`, {
      method: 'POST',
      headers: { ...asOperator('olga'), 'content-type': 'application/json', 'idempotency-key': randomUUID() },
      body: JSON.stringify({ amount: { amountMinor: 1, currency: 'EUR' }, reason }),
    });
    expect(response.status).toBe(202);
    expect(await rowsOf(world.databaseUrls.payment, 'SELECT note FROM refunds WHERE payment_id = $1', [paymentId])).toEqual([
      { note: reason },
    ]);
  });

  it('that comes by a queue is a dead letter, whose operator reads it as it is', async () => {
    const queues = Object.keys(topology.queues);
    await withChannel(async (channel) => {
      for (const queue of queues) {
        const headers = envelopeToHeaders({
          id: randomUUID(),
          type: `order.placed${forgedLine}`,
          source: forgedLine,
          subject: `'; DROP TABLE inbox; --${forgedLine}`,
          time: forgedLine,
          correlationId: forgedLine,
          traceparent: forgedLine,
        });
        channel.sendToQueue(queue, Buffer.from(JSON.stringify({ orderId: forgedLine })), { type: forgedLine, headers });
      }
    });
    const letters = await eventually(async () => {
      const { items } = (await (
        await fetch(`${world.console.baseUrl}/dead-letters?limit=100`, { headers: asOperator('olga') })
      ).json()) as { items: { queue: string; type: string }[] };
      expect(items.map(({ queue }) => queue).toSorted()).toEqual(queues.toSorted());
      return items;
    });
    expect(new Set(letters.map(({ type }) => type))).toEqual(new Set([`order.placed${forgedLine}`]));
  });
});

describe('the logs after all of this', () => {
  it('are one JSON object a line, of which nobody else has written one', () => {
    for (const { name, output } of services()) {
      const lines = output.split(/\r?\n/).filter(Boolean);
      expect(lines.length).toBeGreaterThan(0);
      for (const line of lines) {
        expect(JSON.parse(line)).toMatchObject({ level: expect.any(String), time: expect.any(String), service: name });
        expect(line).not.toMatch(/\p{Cc}/u);
      }
    }
  });

  it('tell of what was refused with its line breaks as they are written in JSON', () => {
    expect(world.payment.output).toContain(String.raw`order.placed\r\n{\"level\":\"fatal\",\"msg\":\"forged\"}\r\n is not taken here`);
    expect(world.payment.log.filter(({ msg }) => msg === 'forged')).toEqual([]);
  });

  it('tell of no call that failed', () => {
    const complaints = services().flatMap(({ log }) => log.filter(({ context }) => context === 'ProblemFilter'));
    expect(complaints).toEqual([]);
  });
});

describe('what nobody else is to know', () => {
  const said: string[] = [];
  let email: string;
  let tokens: string[];

  /** Sends a call, and keeps its answer with its headers. */
  async function ask(base: string, path: string, options: RequestInit = {}): Promise<{ status: number; text: string }> {
    const response = await fetch(base + path, options);
    const text = await response.text();
    if (base !== world.order.baseUrl || !path.startsWith('/orders')) said.push(`${JSON.stringify([...response.headers])} ${text}`);
    return { status: response.status, text };
  }

  beforeAll(async () => {
    const bob = new Customer(world);
    ({ email } = bob);
    tokens = [asCustomer(bob.id), asOperator('olga')].map(({ authorization }) => authorization!.replace('Bearer ', ''));
    await failingMail(bob);
    await failingCalls(bob);
    await failingMessage(bob);
    await failingLines(bob);
    for (const { baseUrl } of services()) {
      for (const path of ['/metrics', '/health/ready', '/docs-json']) await ask(baseUrl, path);
    }
  });

  /** Bob's first mail is refused for now, in words that name him, his card and whatever else comes to the server's mind. */
  async function failingMail(bob: Customer): Promise<void> {
    world.mails.refuse(451, `<${email}> is busy, and so is ${cardNumber}`);
    const { id } = await bob.place({ paymentMethod: 'pm_card_chargeDeclined' });
    await eventually(() => expect(world.notification.output).toContain('failed, attempt 1'));
    world.mails.accept();
    await bob.isTold(/We have your order/, /Your payment was declined/);
    await bob.pay(id, 'pm_card_visa');
    await bob.sees(id, 'paid');
    await bob.cancel(id);
    await bob.sees(id, 'refunded');
    ids = { ...ids, bob: id };
  }

  /** Calls that are refused for what they bring, which is what nobody should send: a card number, everywhere, and tokens that are not good. */
  async function failingCalls(bob: Customer): Promise<void> {
    const [order, payment] = [world.order.baseUrl, world.payment.baseUrl];
    const grouped = cardNumber.replaceAll(/(.{4})(?=.)/g, '$1 ');
    const post = (body: unknown, headers: Record<string, string> = {}): RequestInit => ({
      method: 'POST',
      headers: { ...asCustomer(bob.id), 'content-type': 'application/json', 'idempotency-key': randomUUID(), ...headers },
      body: JSON.stringify(body),
    });
    const wish = { items: [{ sku: 'MUG-STONEWARE', quantity: 1 }], email };
    const refused = [
      await ask(payment, `/orders/${ids['bob']}/payments`, post({ paymentMethod: grouped })),
      await ask(order, '/orders', post({ ...wish, email: `${cardNumber}@example.com` })),
      await ask(order, '/orders', post({ ...wish, [cardNumber]: grouped })),
      await ask(order, '/orders', post(wish, { 'idempotency-key': cardNumber })),
      await ask(order, `/orders?after=${cardNumber}`, { headers: asCustomer(bob.id) }),
      await ask(order, `/orders/${cardNumber}`, { headers: asCustomer(bob.id) }),
      await ask(order, `/products/${cardNumber}`),
      await ask(
        payment,
        '/webhooks/psp',
        post({ id: cardNumber, email }, { 'stripe-signature': `t=1,v1=${secrets['the secret of its webhooks']}` }),
      ),
    ];
    for (const { text } of refused) said.push(text);
    expect(refused.map(({ status }) => status)).toEqual([422, 422, 422, 422, 422, 404, 404, 400]);
    const forged = `${tokens[0]!.slice(0, -4)}AAAA`;
    tokens.push(forged.slice(0, -4));
    expect((await ask(order, '/orders', { headers: { authorization: `Bearer ${forged}` } })).status).toBe(401);
  }

  /** What was said when Bob ordered comes to a queue once more, and broken: a dead letter, which an operator looks at. */
  async function failingMessage(bob: Customer): Promise<void> {
    const orderId = ids['bob']!;
    const id = randomUUID();
    const broken = { ...OrderPlaced.example, orderId, customer: { id: bob.id, email }, total: `nothing, says ${email}` };
    const headers = envelopeToHeaders({
      id,
      type: OrderPlaced.name,
      source: '/orderly/order',
      subject: orderId,
      time: new Date().toISOString(),
      correlationId: orderId,
    });
    await withChannel(async (channel) => {
      channel.sendToQueue('payment.open-payment', Buffer.from(JSON.stringify(broken)), { messageId: id, type: OrderPlaced.name, headers });
    });
    const olga = { headers: asOperator('olga') };
    const letterId = await eventually(async () => {
      const { items } = JSON.parse((await ask(world.console.baseUrl, '/dead-letters?limit=100', olga)).text) as {
        items: { id: string; messageId: string }[];
      };
      const found = items.find(({ messageId }) => messageId === id);
      expect(found).toBeDefined();
      return found!.id;
    });
    const letter = await ask(world.console.baseUrl, `/dead-letters/${letterId}`, olga);
    expect(letter.text).toContain('nothing, says [e-mail]');
    await ask(world.console.baseUrl, '/dead-letters/groups', olga);
    await ask(world.console.baseUrl, `/conversations/${orderId}`, olga);
    await ask(world.notification.baseUrl, `/notifications?orderId=${orderId}`, { headers: asCustomer(bob.id) });
    await ask(world.payment.baseUrl, `/orders/${orderId}/payment`, { headers: asCustomer(bob.id) });
  }

  /** Database and broker cut every line, and are reached again by the addresses that hold their passwords. */
  async function failingLines(bob: Customer): Promise<void> {
    await rowsOf(
      servers.postgresUrl,
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = current_user AND application_name LIKE 'orderly-%'`,
    );
    const connections = (await world.vhost.manage('GET', '/api/vhosts/{vhost}/connections')) as { name: string }[];
    for (const { name } of connections) await world.vhost.manage('DELETE', `/api/connections/${encodeURIComponent(name)}`).catch(() => {});
    await eventually(async () => expect((await ask(world.order.baseUrl, '/health/ready')).status).toBe(200));
    const { id } = await bob.place({ paymentMethod: 'pm_card_visa' });
    await bob.sees(id, 'paid');
  }

  const logs = () => [...services(), world.psp].map(({ name, output }) => [name, output] as const);
  const opens = () => [...Object.entries(secrets), ...tokens.map((token) => ['a token', token] as const)];
  const cards = [cardNumber, cardNumber.replaceAll(/(.{4})(?=.)/g, '$1 '), cardNumber.replaceAll(/(.{4})(?=.)/g, '$1-')];

  it('is in no line of any log: no secret, no token, no card number, no e-mail address', () => {
    const watched = [...opens(), ...cards.map((card) => ['a card number', card] as const), ['an e-mail address', email] as const];
    const found = logs().flatMap(([name, output]) =>
      watched.filter(([, text]) => output.includes(text)).map(([what]) => `${name}: ${what}`),
    );
    expect(found).toEqual([]);
  });

  it('is in no answer; the e-mail address only in those about orders, which their customer reads', () => {
    const watched = [...opens().map(([, text]) => text), ...cards, email];
    expect(said.length).toBeGreaterThan(20);
    expect(said.filter((answer) => watched.some((text) => answer.includes(text)))).toEqual([]);
  });

  it('is in no database, but for the e-mail address where it is needed', async () => {
    const { order, payment, notification, console: desk } = world.databaseUrls;
    const found: Record<string, string[]> = {};
    for (const [name, url] of Object.entries({ order, payment, notification, console: desk! })) {
      const dump = await dumpOf(url);
      for (const [what, text] of [...opens(), ...cards.map((card) => ['a card number', card] as const)]) {
        expect(columnsWith(dump, text), `${what} in the database of ${name}`).toEqual([]);
      }
      // What is on its way is there for a moment.
      found[name] = columnsWith(dump, email).filter((column) => !/^(outbox|standing_retries)\./.test(column));
    }
    expect(found).toEqual({
      // Where mails go; and the answer to a call, as it is given again to whoever repeats it.
      order: ['idempotency_keys.body', 'orders.email'],
      payment: ['payments.customer_email'],
      notification: ['notifications.recipient'],
      // A dead letter is replayed byte for byte. Operators see it redacted.
      console: ['dead_letters.body'],
    });
  });
});
