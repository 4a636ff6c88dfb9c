import { AsyncLocalStorage } from 'node:async_hooks';
import { randomBytes, randomUUID } from 'node:crypto';
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { Body, Controller, Get, HttpCode, Inject, Module, Param, Post, Query } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { ApiCreatedResponse, ApiOkResponse } from '@nestjs/swagger';
import { register } from 'prom-client';
import { DataSource, type EntityManager } from 'typeorm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { Retention } from '#libs/service';
import { asCustomer, asOperator, eventually, testDatabase, testIssuer, type TestDatabase } from '#libs/testing';
import {
  answer,
  answerOnce,
  type Answer,
  type Caller,
  CallerParam,
  CursorPages,
  findAnswer,
  ForCallers,
  ForCustomers,
  ForOperators,
  httpMigrations,
  idempotencyKeysKept,
  httpSurface,
  Idempotent,
  IdempotencyParam,
  type IdempotentRequest,
  IdParam,
  InstantView,
  MoneyView,
  type Page,
  PageQuery,
  problem,
  Public,
  RawBody,
  scopeOf,
  Refusals,
} from './index.js';

const Thing = z.strictObject({ name: z.string().min(1).max(200), amount: z.int().min(1).max(100).default(1) }).meta({ id: 'NewThing' });
const ThingView = z
  .object({ name: z.string(), amount: z.int(), thing: z.int(), price: MoneyView.optional(), at: InstantView.optional() })
  .meta({ id: 'Thing' });
const Answers = () => ApiOkResponse({ standardSchema: z.looseObject({}) });
const ThingsQuery = z.strictObject({ ...PageQuery, kind: z.enum(['big', 'small']).optional() });

const traces = new AsyncLocalStorage<string>();
const pages = new CursorPages('sixteen characters');
const rows = Array.from({ length: 5 }, (_, index) => ({ id: `row-${index}`, at: new Date(10_000 - index) }));

/** What the routes below did, and what they are told to do. */
const work = { done: 0, begun: () => {}, hold: undefined as Promise<unknown> | undefined, fail: undefined as Error | undefined };

@Controller('things')
class ThingsController {
  constructor(@Inject(DataSource) private readonly dataSource: DataSource) {}

  @Get()
  @ForCallers()
  @ApiOkResponse({ standardSchema: z.object({ items: z.array(z.object({ id: z.string() })), next: z.string().nullable() }) })
  list(@Query({ schema: ThingsQuery }) query: z.infer<typeof ThingsQuery>, @CallerParam() caller: Caller): Page<{ id: string }> {
    const listing = { route: 'GET /things', caller: scopeOf(caller), filter: { kind: query.kind } };
    const after = pages.decode(query.after, listing);
    const found = rows.filter(({ at }) => !after || at < after.at).slice(0, query.limit + 1);
    return pages.pageOf(
      found,
      query.limit,
      listing,
      (row) => row,
      ({ id }) => ({ id }),
    );
  }

  @Get('broken')
  @Public()
  broken(): never {
    throw new Error('SELECT secret FROM vault');
  }

  @Get('away')
  @Public()
  away(): never {
    throw Object.assign(new Error('connect ECONNREFUSED 127.0.0.1:5432'), { code: 'ECONNREFUSED' });
  }

  @Get('undecided')
  @Refusals('forbidden')
  undecided(): object {
    return {};
  }

  @Get('vault')
  @ForOperators()
  @Answers()
  vault(@CallerParam() caller: Caller): object {
    return caller;
  }

  @Get('named/:name')
  @Public()
  @Answers()
  named(@Param('name') name: string): object {
    return { name };
  }

  @Get(':id')
  @ForCallers()
  @Answers()
  show(@IdParam('id', 'order-not-found') id: string): object {
    return { id };
  }

  @Post()
  @ForCustomers()
  @Idempotent()
  @Refusals('order-not-payable')
  @ApiCreatedResponse({ standardSchema: ThingView })
  async make(@Body({ schema: Thing }) body: z.infer<typeof Thing>, @IdempotencyParam() request: IdempotentRequest): Promise<Answer> {
    const replay = await findAnswer(this.dataSource.manager, request);
    if (replay) return replay;
    return this.dataSource.transaction(async (manager) => {
      const last: Promise<unknown>[] = [];
      const tx = { manager, withCommit: (...statements: Promise<unknown>[]) => void last.push(...statements) };
      const given = await answerOnce(tx, request, async () => {
        await makeThing(manager);
        return answer(201, { ...body, thing: work.done }, { location: `/things/${work.done}` });
      });
      await Promise.all(last);
      return given;
    });
  }

  @Post('limited')
  @HttpCode(200)
  @Public()
  @Answers()
  limitedByAddress(): object {
    return {};
  }

  @Get('limited/:id')
  @ForCallers()
  @Answers()
  limitedByCaller(@IdParam('id', 'order-not-found') _id: string): object {
    return {};
  }

  @Post('raw')
  @HttpCode(200)
  @Public()
  @Answers()
  @RawBody()
  @Refusals('webhook-refused')
  raw(@Body() body: Buffer): object {
    if (body.equals(Buffer.from('bad'))) throw problem('webhook-refused', 'Not one of ours.');
    return { isBuffer: Buffer.isBuffer(body), bytes: body.toString('base64') };
  }

  @Post('raw/vault')
  @HttpCode(200)
  @ForOperators()
  @Answers()
  @RawBody()
  rawVault(@Body() body: Buffer, @CallerParam() caller: Caller): object {
    return { bytes: body.toString('base64'), caller };
  }

  @Post(':id/poke')
  @HttpCode(200)
  @ForCustomers()
  @Answers()
  @Refusals('order-not-cancellable')
  poke(@IdParam('id', 'order-not-found') id: string): object {
    return { id };
  }

  @Post(':id/name')
  @ForCustomers()
  @ApiCreatedResponse({ standardSchema: z.looseObject({}) })
  rename(@IdParam('id', 'order-not-found') _id: string, @Body({ schema: Thing }) _body: object): object {
    return { traceId: traces.getStore() };
  }
}

async function makeThing(manager: EntityManager): Promise<void> {
  await manager.query('INSERT INTO things DEFAULT VALUES');
  work.begun();
  await work.hold;
  if (work.fail) throw work.fail;
  work.done++;
}

let database: TestDatabase;
let app: NestFastifyApplication;
let url: string;

beforeAll(async () => {
  database = await testDatabase({ migrations: httpMigrations, extra: { max: 16, options: '-c lock_timeout=500ms' } });
  await database.dataSource.query('CREATE TABLE things (id serial)');
  const surface = httpSurface({
    title: 'Things',
    description: 'For this spec.',
    trace: {
      run: ({ traceparent }, next) => traces.run(traceparent?.split('-')[1] ?? randomBytes(16).toString('hex'), next),
      id: () => traces.getStore(),
    },
    config: {
      ...testIssuer().environment,
      JWT_ALGORITHM: 'EdDSA',
      ADDRESS_RATE_PER_SECOND: 0,
      ADDRESS_RATE_BURST: 1,
      CALLER_RATE_PER_SECOND: 0,
      CALLER_RATE_BURST: 1,
      TRUSTED_PROXIES: ['127.0.0.1'],
    },
    addressAt: { 'POST /things/limited': { perSecond: 1, burst: 3 } },
    callerAt: { 'GET /things/limited/:id': { perSecond: 0.1, burst: 2 } },
  });

  @Module({ controllers: [ThingsController], providers: [{ provide: DataSource, useValue: database.dataSource }] })
  class ThingsModule {}
  app = await NestFactory.create<NestFastifyApplication>(ThingsModule, surface.adapter, { logger: false, abortOnError: false });
  await surface.prepare(app);
  await app.listen(0, '127.0.0.1');
  url = await app.getUrl();
});

afterAll(async () => {
  await app.close();
  await database.drop();
});

const id = '01890a5d-ac96-774b-bcce-b302099a8057';
const json = { 'content-type': 'application/json' };
const ada = asCustomer('ada');
const nobody = { authorization: '' };
// A UUID: of other random keys, one in some thousands has the form of a card number.
const newKey = () => randomUUID();

interface Answered {
  status: number;
  headers: Headers;
  text: string;
  body: Record<string, unknown>;
}

async function call(method: string, path: string, headers: Record<string, string> = {}, body?: string | Uint8Array): Promise<Answered> {
  const response = await fetch(`${url}${path}`, { method, headers, ...(body !== undefined && { body: Buffer.from(body) }) });
  const text = await response.text();
  return {
    status: response.status,
    headers: response.headers,
    text,
    body: text.startsWith('{') ? (JSON.parse(text) as Record<string, unknown>) : {},
  };
}

const post = (body: string | Uint8Array, headers: Record<string, string> = {}) =>
  call('POST', '/things', { ...json, ...ada, 'idempotency-key': newKey(), ...headers }, body);
const stored = () =>
  database.dataSource.query<unknown[]>('SELECT 1 FROM things UNION ALL SELECT 1 FROM idempotency_keys').then(({ length }) => length);

/** Asserts the whole of a problem: its form, and its status and slug. */
function expectProblem({ status, headers, body }: Answered, expectedStatus: number, slug: string, instance = '/things'): void {
  expect({ status, type: body['type'] }).toEqual({ status: expectedStatus, type: `/problems/${slug}` });
  expect(headers.get('content-type')).toMatch(/^application\/problem\+json/);
  const { errors, ...rest } = body;
  expect(Array.isArray(errors)).toBe(slug === 'validation');
  expect(rest).toEqual({
    type: `/problems/${slug}`,
    title: expect.any(String),
    status: expectedStatus,
    detail: expect.any(String),
    instance,
    traceId: expect.stringMatching(/^[0-9a-f]{32}$/),
  });
}

const codesOf = ({ body }: Answered) =>
  Object.fromEntries((body['errors'] as { pointer: string; code: string }[]).map(({ pointer, code }) => [pointer, code]));

describe('a body', () => {
  it.each<[string, string | Uint8Array, Record<string, string>, number, string]>([
    ['is over 64 KiB', JSON.stringify({ name: 'a'.repeat(64 * 1024) }), {}, 413, 'body-too-large'],
    [
      'is over 64 KiB, of the wrong type and without a caller',
      'a'.repeat(70_000),
      { 'content-type': 'text/plain', ...nobody },
      413,
      'body-too-large',
    ],
    ['is very large', 'a'.repeat(3_000_000), {}, 413, 'body-too-large'],
    ['is a form', 'name=a', { 'content-type': 'application/x-www-form-urlencoded' }, 415, 'unsupported-media-type'],
    ['is plain text and no JSON', '{', { 'content-type': 'text/plain' }, 415, 'unsupported-media-type'],
    ['is a problem', '{}', { 'content-type': 'application/problem+json' }, 415, 'unsupported-media-type'],
    ['has a type that is none', '{}', { 'content-type': 'json' }, 415, 'unsupported-media-type'],
    ['is in another charset', '{}', { 'content-type': 'application/json; charset=iso-8859-1' }, 415, 'unsupported-media-type'],
    ['has a content encoding', '{}', { 'content-encoding': 'gzip' }, 415, 'unsupported-media-type'],
    ['is half a JSON, from nobody', '{"name":', nobody, 400, 'malformed-json'],
    ['is empty', '', {}, 400, 'malformed-json'],
    ['begins with a BOM', '\ufeff{"name":"a"}', {}, 400, 'malformed-json'],
    ['is no UTF-8', Buffer.from('{"name":"\xff"}', 'latin1'), {}, 400, 'malformed-json'],
    ['names __proto__', '{"name":"a","__proto__":{"amount":5}}', {}, 400, 'malformed-json'],
    ['is no JSON, from a caller with a bad name', '[', asCustomer('a b'), 400, 'malformed-json'],
  ])('is refused when it %s', async (_what, body, headers, status, slug) => {
    const before = await stored();
    expectProblem(await post(body, headers), status, slug);
    expect(await stored()).toBe(before);
  });

  it('is missed when there is none, not even its headers', async () => {
    expectProblem(await call('POST', '/things', { ...ada, 'idempotency-key': newKey() }), 400, 'malformed-json');
  });

  it('has no need of a media type when it is empty where none is due', async () => {
    expect((await call('POST', `/things/${id}/poke`, { ...ada, 'content-type': 'application/json' })).status).toBe(200);
    expect((await call('POST', `/things/${id}/poke`, ada)).status).toBe(200);
  });

  it('of exactly 64 KiB is read', async () => {
    const filling = 64 * 1024 - JSON.stringify({ name: '' }).length;
    expect(codesOf(await post(JSON.stringify({ name: 'a'.repeat(filling) })))).toEqual({ '#/name': 'too-big' });
  });

  it.each(['application/json; charset=utf-8', 'application/json;charset="UTF-8"', 'Application/Json'])('is taken as %s', async (type) => {
    expect((await post('{"name":"a"}', { 'content-type': type })).status).toBe(201);
  });

  it.each<[string, string, Record<string, string>]>([
    ['unknown members', '{"name":"a","price":1,"constructor":1}', { '#/price': 'unknown-member', '#/constructor': 'unknown-member' }],
    ['a missing and a wrong member', '{"amount":0}', { '#/name': 'required', '#/amount': 'too-small' }],
    ['a negative amount', '{"name":"a","amount":-1}', { '#/amount': 'too-small' }],
    ['a fractional amount', '{"name":"a","amount":1.5}', { '#/amount': 'not-an-integer' }],
    ['a huge amount', '{"name":"a","amount":1e300}', { '#/amount': 'too-big' }],
    ['an amount in quotes', '{"name":"a","amount":"1"}', { '#/amount': 'wrong-type' }],
    ['nesting deeper than the schema', `{"name":${'['.repeat(30_000)}${']'.repeat(30_000)}}`, { '#/name': 'wrong-type' }],
    ['nothing but brackets', '['.repeat(32_000) + ']'.repeat(32_000), { '#': 'wrong-type' }],
    ['a NUL', '{"name":"a\\u0000"}', { '#/name': 'invalid-character' }],
    ['null', 'null', { '#': 'wrong-type' }],
  ])('with %s has all its faults listed', async (_what, body, codes) => {
    const before = await stored();
    const answered = await post(body);
    expectProblem(answered, 422, 'validation');
    expect(codesOf(answered)).toEqual(codes);
    expect(await stored()).toBe(before);
  });

  it('counts the last value of a doubled member', async () => {
    expect((await post('{"name":"a","amount":0,"amount":7}')).body).toMatchObject({ amount: 7 });
  });

  it('is refused where none is due, unless it says nothing', async () => {
    const poked = await call('POST', `/things/${id}/poke`, { ...ada, ...json }, '{"now":true}');
    expectProblem(poked, 422, 'validation', `/things/${id}/poke`);
    expect(codesOf(poked)).toEqual({ '#/now': 'unknown-member' });
    expect((await call('POST', `/things/${id}/poke`, { ...ada, ...json }, '{}')).status).toBe(200);
  });
});

describe('a body that is taken raw', () => {
  const bytesOf = ({ body }: Answered) => Buffer.from(body['bytes'] as string, 'base64');

  it.each<[string, string | Uint8Array, Record<string, string>]>([
    ['JSON', ' {"b":1, "a":2}\n', json],
    ['half a JSON', '{"name":', json],
    ['with a BOM', '\ufeff{}', json],
    ['no UTF-8', Buffer.from([0xff, 0x00, 0xfe]), json],
    ['a form', 'a=1', { 'content-type': 'application/x-www-form-urlencoded' }],
    ['of a type that is none', '{}', { 'content-type': 'json' }],
    ['of no type', Buffer.from('hello'), {}],
    ['in another charset and with an encoding', 'x', { 'content-type': 'text/plain; charset=latin1', 'content-encoding': 'gzip' }],
    ['with a card number', '{"a":"4242 4242 4242 4242","__proto__":{}}', { ...json, 'idempotency-key': '4242424242424242' }],
    ['of exactly 64 KiB', Buffer.alloc(64 * 1024, 'a'), json],
    ['empty', '', json],
  ])('comes to the byte: %s', async (_what, body, headers) => {
    const answered = await call('POST', '/things/raw', headers, body);
    expect(answered).toMatchObject({ status: 200, body: { isBuffer: true } });
    expect(bytesOf(answered).equals(Buffer.from(body))).toBe(true);
  });

  it('is an empty buffer when there is none, not even its headers', async () => {
    expect((await call('POST', '/things/raw')).body).toEqual({ isBuffer: true, bytes: '' });
    const text = await exchange('POST /things/raw HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n');
    expect(text).toContain('{"isBuffer":true,"bytes":""}');
  });

  it('is refused over 64 KiB', async () => {
    expectProblem(await call('POST', '/things/raw', json, Buffer.alloc(64 * 1024 + 1)), 413, 'body-too-large', '/things/raw');
  });

  it('may come with any query', async () => {
    expect((await call('POST', '/things/raw?page=1&page=2&__proto__=4242424242424242', json, '{}')).status).toBe(200);
  });

  it('still comes from a caller who may send it', async () => {
    expectProblem(await call('POST', '/things/raw/vault', {}, '{'), 401, 'unauthenticated', '/things/raw/vault');
    expectProblem(await call('POST', '/things/raw/vault', ada, '{'), 403, 'forbidden', '/things/raw/vault');
    expect((await call('POST', '/things/raw/vault', asOperator('grace'), '{')).body).toMatchObject({ caller: { name: 'grace' } });
  });

  it('may be refused by its handler', async () => {
    expectProblem(await call('POST', '/things/raw', json, 'bad'), 400, 'webhook-refused', '/things/raw');
  });
});

describe('a caller', () => {
  it.each<[string, Record<string, string>]>([
    ['nobody', nobody],
    ['a name with a space', asCustomer('a b')],
    ['a long name', asCustomer('a'.repeat(256))],
    ['no bearer', { authorization: 'Basic YTpi' }],
  ])('is refused as %s', async (_what, headers) => {
    const answered = await call('GET', '/things', headers);
    expectProblem(answered, 401, 'unauthenticated');
    expect(answered.headers.get('www-authenticate')).toBe('Bearer realm="orderly", error="invalid_token"');
    const other = await call('GET', '/things/vault');
    expect(other.headers.get('www-authenticate')).toBe('Bearer realm="orderly"');
    expect({ ...answered.body, traceId: '' }).toEqual({ ...other.body, traceId: '', instance: '/things' });
  });

  it('is looked at before the key, the card number and the fields', async () => {
    expectProblem(await post('{"amount":0,"x":"4242424242424242"}', { ...nobody, 'idempotency-key': '' }), 401, 'unauthenticated');
  });

  it('is an operator where one is meant', async () => {
    expect((await call('GET', '/things/vault', asOperator('grace'))).body).toEqual({ kind: 'operator', name: 'grace' });
  });

  it('with another role than the route is for is refused', async () => {
    expectProblem(await call('GET', '/things/vault', ada), 403, 'forbidden', '/things/vault');
    expectProblem(await post('{"name":"a"}', asOperator('grace')), 403, 'forbidden');
  });

  it('is refused, whoever it is, on a route that says nothing about callers', async () => {
    expectProblem(await call('GET', '/things/undecided', asOperator('grace')), 403, 'forbidden', '/things/undecided');
  });
});

describe('an Idempotency-Key', () => {
  it.each<[string, string, string]>([
    ['', 'missing', '{"amount":0,"x":"4242424242424242"}'],
    ['a b', 'invalid', '{"amount":0,"x":"4242424242424242"}'],
    [`256${'.'.repeat(253)}`, 'invalid', '{}'],
    ['schl\u00fcssel', 'invalid', '{}'],
  ])('%.8j is %s, before the card number and the fields are looked at', async (key, slug, body) => {
    expectProblem(await post(body, { 'idempotency-key': key }), 400, `idempotency-key-${slug}`);
  });

  it('may be any 1 to 255 visible characters', async () => {
    for (const key of ['"quoted"', `~${newKey()}${'!'.repeat(218)}`])
      expect((await post('{"name":"a"}', { 'idempotency-key': key })).status).toBe(201);
  });
});

describe('an answer', () => {
  it('says to browsers what not to do with it, also when it refuses', async () => {
    for (const { headers } of [await call('GET', '/things/named/a'), await call('GET', '/things'), await call('GET', '/docs')]) {
      expect(headers.get('content-security-policy')).toContain("default-src 'self'");
      expect(headers.get('x-content-type-options')).toBe('nosniff');
      expect(headers.get('x-frame-options')).toBe('SAMEORIGIN');
    }
  });
});

describe('a route that is limited', () => {
  const limited = (from: string) => call('POST', '/things/limited', { 'x-forwarded-for': from });

  it('takes so many from an address, says how many are left, and then when to come again', async () => {
    const first = await limited('192.0.2.1');
    expect([first.status, first.headers.get('ratelimit'), first.headers.get('ratelimit-policy')]).toEqual([
      200,
      '"address";r=2;t=1',
      '"address";q=3;w=3',
    ]);
    for (let time = 0; time < 2; time++) await limited('192.0.2.1');
    const refused = await limited('192.0.2.1');
    expectProblem(refused, 429, 'too-many-requests', '/things/limited');
    expect(refused.headers.get('retry-after')).toBe('1');
    expect((await limited('192.0.2.2')).status).toBe(200);
  });

  it('takes so many from a caller, wherever they are, and does not count those whom nobody knows', async () => {
    const path = `/things/limited/${id}`;
    for (let time = 0; time < 5; time++) expect((await call('GET', path)).status).toBe(401);
    for (let time = 0; time < 2; time++) expect((await call('GET', path, asCustomer('often'))).status).toBe(200);
    const refused = await call('GET', path, { ...asCustomer('often'), 'x-forwarded-for': '192.0.2.9' });
    expectProblem(refused, 429, 'too-many-requests', path);
    expect(refused.headers.get('retry-after')).toBe('10');
    expect((await call('GET', path, asCustomer('seldom'))).status).toBe(200);
  });
});

describe('a card number', () => {
  const number = '4242 4242 4242 4242';

  it.each<[string, () => Promise<Answered>, string]>([
    ['in a body', () => post(JSON.stringify({ name: `pay with ${number}`, amount: 0 })), '/things'],
    ['as the name of a member', () => post(JSON.stringify({ [number]: 1 })), '/things'],
    ['deep in what is no thing at all', () => post(JSON.stringify([[[{ a: number }]]])), '/things'],
    ['in a query', () => call('GET', `/things?after=${encodeURIComponent(number)}`, ada), '/things'],
    ['as the name of a query parameter', () => call('GET', '/things?4242424242424242', ada), '/things'],
    ['in the key', () => post('{"name":"a"}', { 'idempotency-key': '4242-4242-4242-4242' }), '/things'],
    ['as the customer', () => call('GET', '/things', asCustomer('4242424242424242')), '/things'],
  ])('%s is refused before the fields are looked at, and not repeated', async (_what, send, instance) => {
    const answered = await send();
    expectProblem(answered, 422, 'card-number-refused', instance);
    expect(answered.text).not.toMatch(/4242.?4242/);
  });

  it('in a path is not repeated', async () => {
    const answered = await call('GET', '/things/4242424242424242', ada);
    expectProblem(answered, 404, 'order-not-found', '/things/****************');
  });
});

describe('a query', () => {
  it.each<[string, Record<string, string>]>([
    ['?limit=0', { '#/limit': 'too-small' }],
    ['?limit=101&kind=huge&page=2', { '#/limit': 'too-big', '#/kind': 'invalid-value', '#/page': 'unknown-member' }],
    ['?limit=1.5', { '#/limit': 'invalid-format' }],
    ['?limit=', { '#/limit': 'invalid-format' }],
    ['?limit=1&limit=1', { '#/limit': 'repeated' }],
    ['?page=1&page=2', { '#/page': 'repeated' }],
    ['?__proto__=1', { '#/__proto__': 'unknown-member' }],
    ['?kind=%00', { '#/kind': 'invalid-value' }],
  ])('%s has all its faults listed', async (query, codes) => {
    const answered = await call('GET', `/things${query}`, ada);
    expectProblem(answered, 422, 'validation');
    expect(codesOf(answered)).toEqual(codes);
  });

  it('is refused where none is known', async () => {
    expectProblem(await call('GET', `/things/${id}?expand=all`, ada), 422, 'validation', `/things/${id}`);
    expectProblem(
      await post('{"name":"a"}').then(() => call('POST', '/things?x=1', { ...json, ...ada, 'idempotency-key': newKey() }, '{}')),
      422,
      'validation',
    );
  });
});

describe('a list', () => {
  it('is walked by its cursors and by its Link header', async () => {
    const seen: unknown[] = [];
    let next = '/things?limit=2&kind=big';
    for (let page = 0; next; page++) {
      expect(page).toBeLessThan(3);
      const { body, headers } = await call('GET', next, ada);
      seen.push(...(body['items'] as { id: string }[]).map((item) => item.id));
      const link = /^<(.*)>; rel="next"$/.exec(headers.get('link') ?? '')?.[1] ?? '';
      expect(link).toBe(body['next'] === null ? '' : `/things?limit=2&kind=big&after=${body['next'] as string}`);
      next = link;
    }
    expect(seen).toEqual(rows.map((row) => row.id));
  });

  it.each<[string, (cursor: string) => Promise<Answered>]>([
    ['tampered with', (cursor) => call('GET', `/things?limit=2&after=${cursor.slice(0, -2)}AA`, ada)],
    ["another caller's", (cursor) => call('GET', `/things?limit=2&after=${cursor}`, asCustomer('grace'))],
    ["an operator's", (cursor) => call('GET', `/things?limit=2&after=${cursor}`, asOperator('ada'))],
    ['used with another filter', (cursor) => call('GET', `/things?limit=2&kind=small&after=${cursor}`, ada)],
    ['empty', () => call('GET', '/things?after=', ada)],
  ])('refuses a cursor that is %s', async (_what, use) => {
    const { body } = await call('GET', '/things?limit=2', ada);
    expectProblem(await use(body['next'] as string), 400, 'invalid-cursor');
  });

  it('takes a cursor with another limit', async () => {
    const { body } = await call('GET', '/things?limit=2', ada);
    expect((await call('GET', `/things?limit=3&after=${body['next'] as string}`, ada)).body['items']).toHaveLength(3);
  });
});

describe('a route', () => {
  it.each<[string, string]>([
    ['GET', '/nothing'],
    ['GET', '/things/'],
    ['GET', '//things'],
    ['GET', '/Things'],
    ['PUT', '/things'],
    ['DELETE', `/things/${id}`],
    ['OPTIONS', '/things'],
    ['POST', `/things/${id}/poke/`],
    ['GET', '/things/named/%'],
    ['GET', '/things/named/%zz'],
  ])('is not there: %s %s', async (method, path) => {
    expectProblem(await call(method, path, ada), 404, 'route-not-found', path);
  });

  it('that is not there cares about no body', async () => {
    expectProblem(
      await call('POST', '/nothing', { 'content-type': 'text/plain' }, 'x'.repeat(100_000)),
      404,
      'route-not-found',
      '/nothing',
    );
  });

  it.each(['x', '01890a5d-ac96-774b-bcce-b302099a805', 'a'.repeat(5000), '%00', '..%2f..'])(
    'is not about what is no id: %#',
    async (text) => {
      expectProblem(await call('GET', `/things/${text}`, ada), 404, 'order-not-found', `/things/${text}`);
    },
  );

  it('looks at the fields before the id', async () => {
    expectProblem(await call('POST', '/things/x/name', { ...json, ...ada }, '{}'), 422, 'validation', '/things/x/name');
    expectProblem(await call('POST', '/things/x/name', { ...json, ...ada }, '{"name":"a"}'), 404, 'order-not-found', '/things/x/name');
  });

  it('takes an id in capitals as the same', async () =>
    expect((await call('GET', `/things/${id.toUpperCase()}`, ada)).body).toEqual({ id }));

  it('answers HEAD like GET, without the body', async () => {
    const head = await call('HEAD', `/things/${id}`, ada);
    expect(head).toMatchObject({ status: 200, text: '' });
    expect(head.headers.get('content-length')).toBe(String(JSON.stringify({ id }).length));
    expect((await call('HEAD', '/things/x', ada)).status).toBe(404);
    expect((await call('HEAD', '/nothing')).status).toBe(404);
  });
});

describe('a failure of ours', () => {
  it('says nothing of the inside', async () => {
    const answered = await call('GET', '/things/broken');
    expectProblem(answered, 500, 'internal-error', '/things/broken');
    expect(answered.text).not.toMatch(/SELECT|vault|at /);
  });

  it('is temporary when the database is away', async () => {
    const answered = await call('GET', '/things/away');
    expectProblem(answered, 503, 'temporarily-unavailable', '/things/away');
    expect(answered.headers.get('retry-after')).toBe('2');
  });

  it('carries the trace that the request came with, as does the work', async () => {
    const traceId = '0af7651916cd43dd8448eb211c80319c';
    const traceparent = `00-${traceId}-b7ad6b7169203331-01`;
    expect((await call('POST', '/things', { ...json, traceparent }, '{')).body).toMatchObject({ traceId });
    expect((await call('GET', '/things/broken', { traceparent })).body).toMatchObject({ traceId });
    expect((await call('POST', `/things/${id}/name`, { ...json, ...ada, traceparent }, '{"name":"a"}')).body).toEqual({ traceId });
  });
});

describe('what is hardly HTTP', () => {
  it.each<[string, string, number, string]>([
    ['nonsense', 'hello\r\n\r\n', 400, 'malformed-request'],
    ['a bad header', 'GET / HTTP/1.1\r\nHost: a\r\nbad header\r\n\r\n', 400, 'malformed-request'],
    ['headers of 40 KiB', `GET / HTTP/1.1\r\nHost: a\r\nx: ${'a'.repeat(40_000)}\r\n\r\n`, 431, 'headers-too-large'],
    ['two lengths', 'POST /things HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n', 400, 'malformed-request'],
  ])('is answered with a problem: %s', async (_what, bytes, status, slug) => {
    const text = await exchange(bytes);
    expect(text).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
    expect(JSON.parse(text.split('\r\n\r\n')[1] ?? '')).toMatchObject({ type: `/problems/${slug}`, status });
  });

  it('goes away halfway, and the next one is served', async () => {
    const socket = connect(Number(new URL(url).port), '127.0.0.1');
    socket.write('POST /things HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{"name":');
    await sleep(20);
    socket.resetAndDestroy();
    expect((await call('GET', `/things/${id}`, ada)).status).toBe(200);
  });

  it('is refused while a chunked body that is too large still comes', async () => {
    const chunk = `${(1000).toString(16)}\r\n${'a'.repeat(1000)}\r\n`;
    const text = await exchange(
      `POST /things HTTP/1.1\r\nHost: a\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n${chunk.repeat(100)}0\r\n\r\n`,
    );
    expect(text).toMatch(/^HTTP\/1.1 413 /);
  });
});

/** Sends bytes, and returns all that comes back until the server closes. */
function exchange(bytes: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(Number(new URL(url).port), '127.0.0.1');
    let text = '';
    socket.setEncoding('utf8');
    socket.on('data', (data: string) => (text += data));
    socket.on('close', () => resolve(text));
    socket.on('error', reject);
    socket.write(bytes);
  });
}

describe('work under a key', () => {
  it('is done once for fifty that ask at the same time, and all get the same answer', async () => {
    const before = work.done;
    const key = newKey();
    const all = await Promise.all(Array.from({ length: 50 }, () => post('{"name":"a"}', { 'idempotency-key': key })));
    expect([...new Set(all.map(({ status, text, headers }) => `${status} ${headers.get('location')} ${text}`))]).toEqual([
      expect.stringMatching(/^201 /),
    ]);
    expect(work.done).toBe(before + 1);
    expect(all.filter(({ headers }) => headers.get('idempotency-replayed') === 'true')).toHaveLength(49);
    expect(all[0]).toMatchObject({ status: 201, body: { name: 'a', amount: 1, thing: work.done } });
  });

  it('is replayed to the byte, also to a body whose members stand in another order', async () => {
    const key = newKey();
    const first = await post('{"name":"Grüße","amount":2}', { 'idempotency-key': key });
    const again = await post(' { "amount": 2, "name": "Gr\\u00fc\\u00dfe" } ', { 'idempotency-key': key });
    expect(first.headers.has('idempotency-replayed')).toBe(false);
    expect(again.headers.get('idempotency-replayed')).toBe('true');
    expect(again).toMatchObject({ status: 201, text: first.text });
    for (const name of ['location', 'content-type', 'content-length']) expect(again.headers.get(name)).toBe(first.headers.get(name));
  });

  it('is refused with another body', async () => {
    const key = newKey();
    await post('{"name":"a"}', { 'idempotency-key': key });
    expectProblem(await post('{"name":"b"}', { 'idempotency-key': key }), 422, 'idempotency-key-reused');
  });

  it("is another's with another caller", async () => {
    const key = newKey();
    const first = await post('{"name":"a"}', { 'idempotency-key': key });
    const other = await post('{"name":"a"}', { 'idempotency-key': key, ...asCustomer('grace') });
    expect(other.status).toBe(201);
    expect(other.text).not.toBe(first.text);
  });

  it('is in use while it takes longer than one waits', async () => {
    const key = newKey();
    const before = await stored();
    let release = () => {};
    work.hold = new Promise<void>((resolve) => (release = resolve));
    const begun = new Promise<void>((resolve) => (work.begun = resolve));
    const first = post('{"name":"a"}', { 'idempotency-key': key });
    try {
      await begun;
      const second = await post('{"name":"a"}', { 'idempotency-key': key });
      expectProblem(second, 409, 'idempotency-key-in-use');
      expect(second.headers.get('retry-after')).toBe('1');
    } finally {
      work.hold = undefined;
      release();
    }
    expect((await first).status).toBe(201);
    expect((await post('{"name":"a"}', { 'idempotency-key': key })).text).toBe((await first).text);
    expect(await stored()).toBe(before + 2);
  });

  it('that throws frees the key and leaves nothing behind', async () => {
    const key = newKey();
    const before = await stored();
    work.fail = problem('order-not-payable', 'Not now.');
    expectProblem(await post('{"name":"a"}', { 'idempotency-key': key }), 409, 'order-not-payable');
    expect(await stored()).toBe(before);
    work.fail = undefined;
    expect((await post('{"name":"another"}', { 'idempotency-key': key })).status).toBe(201);
  });

  it('is forgotten after 24 hours', async () => {
    const [young, old] = [newKey(), newKey()];
    for (const key of [young, old]) await post('{"name":"a"}', { 'idempotency-key': key });
    await database.dataSource.query(`UPDATE idempotency_keys SET created_at = now() - interval '1 day 1 second' WHERE key = $1`, [old]);
    expect(await new Retention(database.dataSource, [idempotencyKeysKept(24)]).forget()).toEqual({ idempotency_keys: 1 });
    expect((await post('{"name":"b"}', { 'idempotency-key': old })).status).toBe(201);
    expectProblem(await post('{"name":"b"}', { 'idempotency-key': young }), 422, 'idempotency-key-reused');
  });
});

describe('the time of a request', () => {
  it('is measured by the pattern of its route, never by its path', async () => {
    await call('GET', `/things/${id}`, ada);
    await call('GET', `/nothing/${id}`, ada);
    const metrics = await register.getSingleMetricAsString('orderly_http_request_seconds');
    expect(metrics).toMatch(/_count\{method="GET",route="\/things\/:id",status="200"\} \d/);
    expect(metrics).toMatch(/_count\{method="GET",route="none",status="404"\} \d/);
    expect(metrics).not.toContain(id);
  });
});

describe('the documentation', () => {
  it('is OpenAPI 3.1 from the schemas that validate', async () => {
    const { body } = await call('GET', '/docs-json');
    expect(body).toMatchObject({
      openapi: '3.1.0',
      paths: {
        '/things': {
          post: {
            requestBody: { content: { 'application/json': { schema: { $ref: '#/components/schemas/NewThing' } } } },
            responses: {
              201: { content: { 'application/json': { schema: { $ref: '#/components/schemas/Thing' } } } },
              401: {
                content: {
                  'application/problem+json': {
                    schema: {
                      allOf: [{ $ref: '#/components/schemas/Problem' }, { properties: { type: { enum: ['/problems/unauthenticated'] } } }],
                    },
                  },
                },
              },
              409: { description: expect.stringContaining('/problems/idempotency-key-in-use') },
            },
            security: [{ token: ['customer'] }],
          },
          get: {
            operationId: 'Things_list',
            parameters: expect.arrayContaining([
              { name: 'limit', in: 'query', required: false, schema: { type: 'integer', minimum: 1, maximum: 100, default: 20 } },
            ]),
            responses: { 400: { description: expect.stringContaining('/problems/invalid-cursor') } },
          },
        },
        '/things/raw': {
          post: {
            requestBody: { required: true, content: { '*/*': { schema: { type: 'string', format: 'binary' } } } },
            responses: {
              400: { description: expect.stringMatching(/^`\/problems\/webhook-refused`[^`]*$/) },
              413: { description: expect.stringContaining('/problems/body-too-large') },
            },
          },
        },
        '/things/{id}/poke': {
          post: {
            parameters: [{ name: 'id', in: 'path', required: true, schema: expect.objectContaining({ type: 'string', format: 'uuid' }) }],
            responses: {
              404: { description: expect.stringContaining('/problems/order-not-found') },
              409: { description: expect.stringContaining('/problems/order-not-cancellable') },
            },
          },
        },
      },
    });
    const schemas = (body['components'] as { schemas: Record<string, unknown> }).schemas;
    expect(Object.keys(schemas).toSorted()).toEqual(['FieldError', 'Money', 'NewThing', 'Problem', 'Thing']);
    expect(schemas['NewThing']).toMatchObject({ additionalProperties: false, required: ['name'] });
    expect(JSON.stringify(body)).not.toMatch(/x-problem-|x-raw-body|nullable/);
    const raw = (body['paths'] as Record<string, { post: { responses: object } }>)['/things/raw']!.post;
    expect(Object.keys(raw.responses)).toEqual(['200', '400', '413', '429', '500', '503']);
    const references = [...JSON.stringify(body).matchAll(/"\$ref":"([^"]+)"/g)].map(([, reference]) => reference);
    expect(references).toContain('#/components/schemas/FieldError');
    expect(references.filter((reference) => !(reference!.replace('#/components/schemas/', '') in schemas))).toEqual([]);
  });

  it('has a page', async () => {
    const { status, text } = await call('GET', '/docs');
    expect(status).toBe(200);
    expect(text).toContain('swagger-ui');
    expect((await call('GET', '/docs/swagger-ui-bundle.js')).status).toBe(200);
  });
});

describe('a surface that closes', () => {
  it('answers who had connected before as ever, and closes the connection then', async () => {
    let release = () => {};
    work.hold = new Promise<void>((resolve) => (release = resolve));
    const begun = new Promise<void>((resolve) => (work.begun = resolve));
    const late = connect(Number(new URL(url).port), '127.0.0.1');
    let text = '';
    late.setEncoding('utf8').on('data', (data: string) => (text += data));
    const over = new Promise((resolve) => late.on('close', resolve));
    const answered = post('{"name":"a"}');
    await begun;
    const closed = app.close();
    await eventually(() => expect(app.getHttpServer().listening).toBe(false));
    late.write(`GET /things/${id} HTTP/1.1\r\nHost: a\r\nAuthorization: ${ada.authorization}\r\n\r\n`);
    await over;
    release();
    await closed;
    expect(text).toMatch(/^HTTP\/1.1 200 [^]*connection: close/i);
    expect((await answered).status).toBe(201);
  });
});
