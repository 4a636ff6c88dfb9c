import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually, startWorld, type World } from '#libs/testing';
import { readPage } from './documentation.spec-support.js';
import { HttpClient, parseHttpFile, type Answer, type WrittenRequest } from './http-file.spec-support.js';

const { variables, requests } = parseHttpFile(readPage('docs/requests.http'));
let world: World;
let client: HttpClient;

beforeAll(async () => {
  world = await startWorld();
  const { order, payment, notification } = world;
  client = new HttpClient({ ...variables, orders: order.baseUrl, payments: payment.baseUrl, notifications: notification.baseUrl });
});
afterAll(() => world.stop());

const wordOf = ({ status, body }: Answer) => {
  const { type, status: word } = (body ?? {}) as { type?: string; status?: unknown };
  return status < 400 ? word : type?.replace('/problems/', '');
};

async function answersAsExpected(written: WrittenRequest): Promise<void> {
  const { status, word, headers } = written.expected;
  const answer = await client.send(written);
  expect({ status: answer.status, body: answer.body }).toMatchObject({ status });
  if (word !== undefined) expect(wordOf(answer)).toBe(word);
  expect(answer.headers).toMatchObject(headers);
}

describe('docs/requests.http, sent from top to bottom', () => {
  it.each(requests.map((written) => [written.title, written] as const))('%s', async (_, written) => {
    if (written.expected.soon) await eventually(() => answersAsExpected(written), { within: 10_000, every: 100 });
    else await answersAsExpected(written);
  });
});

describe('docs/requests.http', () => {
  it('has every call that the services document', async () => {
    const documented = await Promise.all(
      [world.order, world.payment, world.notification].map(async ({ name, baseUrl }) => {
        const { paths } = (await (await fetch(`${baseUrl}/docs-json`)).json()) as { paths: Record<string, object> };
        return Object.entries(paths).flatMap(([path, methods]) => Object.keys(methods).map((method) => ({ name, path, method })));
      }),
    );
    const sent = requests.map(({ method, url }) => `${method} ${url.replace(/\?.*$/, '').replaceAll(/(?<=\/)\{\{.+?\}\}/g, '{}')}`);
    const missing = documented
      .flat()
      .map(
        ({ name, path, method }) =>
          `${method.toUpperCase()} {{${name}s}}${path.replaceAll(/\{.+?\}/g, '{}').replace('/products/{}', '/products/MUG-STONEWARE')}`,
      )
      .filter((call) => !sent.includes(call));
    expect(missing).toEqual([]);
  });
});
