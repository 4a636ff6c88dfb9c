import { setTimeout as sleep } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { asCustomer, operatorToken, startWorld, type World } from '#libs/testing';
import { readPage } from './documentation.spec-support.js';
import { HttpClient, parseHttpFile, type Answer, type WrittenRequest } from './http-file.spec-support.js';

const { variables, requests } = parseHttpFile(readPage('docs/requests.http'));
const tokenOf = (customer: string) => asCustomer(customer)['authorization']!.replace('Bearer ', '');
let world: World;
let client: HttpClient;

beforeAll(async () => {
  world = await startWorld();
  const { order, payment, notification } = world;
  const tokens = { customer: tokenOf('alice'), mallory: tokenOf('mallory'), operator: operatorToken('olga') };
  client = new HttpClient({
    ...variables,
    ...tokens,
    orders: order.baseUrl,
    payments: payment.baseUrl,
    notifications: notification.baseUrl,
  });
});
afterAll(() => world.stop());

/** As much of an answer as is expected. */
function seenIn({ status, headers, body }: Answer, { expected }: WrittenRequest) {
  const { type, status: state } = (body ?? {}) as { type?: string; status?: string };
  const word = status < 400 ? state : type?.replace('/problems/', '');
  const names = Object.keys(expected.headers);
  return { status, word: expected.word && word, headers: Object.fromEntries(names.map((name) => [name, headers[name]])) };
}

/** The answer to a request, which is sent again while what is expected may still come true. */
async function answerTo(written: WrittenRequest): Promise<Answer> {
  const { soon, ...expected } = written.expected;
  const deadline = Date.now() + (soon ? 10_000 : 0);
  for (;;) {
    const answer = await client.send(written);
    if (Date.now() >= deadline || isDeepStrictEqual(seenIn(answer, written), expected)) return answer;
    await sleep(100);
  }
}

describe('docs/requests.http, sent from top to bottom', () => {
  it.each(requests.map((written) => [written.title, written] as const))('%s', async (_, written) => {
    const answer = await answerTo(written);
    const { status, word, headers } = written.expected;
    expect({ ...seenIn(answer, written), body: answer.body }).toMatchObject({ status, word, headers });
  });
});

describe('docs/requests.http', () => {
  it('has every call that the services document', async () => {
    const documented = await Promise.all(
      [world.order, world.payment, world.notification].map(async ({ name, baseUrl }) => {
        const { paths } = (await (await fetch(`${baseUrl}/docs-json`)).json()) as { paths: Record<string, object> };
        return Object.entries(paths).flatMap(([path, methods]) =>
          Object.keys(methods).map((method) => `${method.toUpperCase()} {{${name}s}}${path}`),
        );
      }),
    );
    const isSent = (call: string) => {
      const anyIn = new RegExp(`^${call.replaceAll(/[{}$.]/g, '\\$&').replaceAll(/(?<=\/)\\\{.+?\\\}/g, '[^/]+')}$`);
      return requests.some(({ method, url }) => anyIn.test(`${method} ${url.replace(/\?.*$/, '')}`));
    };
    expect(documented.flat().filter((call) => !isSent(call))).toEqual([]);
  });
});
