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
  world = await startWorld({ console: true });
  const { order, payment, notification, console: desk } = world;
  const tokens = { customer: tokenOf('alice'), mallory: tokenOf('mallory'), operator: operatorToken('olga') };
  client = new HttpClient({
    ...variables,
    ...tokens,
    orders: order.baseUrl,
    payments: payment.baseUrl,
    notifications: notification.baseUrl,
    console: desk.baseUrl,
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

interface Documented {
  readonly parameters?: readonly { readonly name: string; readonly in: string }[];
}

/** Every call that a service documents, as the file writes it: `GET {{orders}}/orders?limit=`, once for each of its query's parameters. */
async function documentedBy(variable: string, { baseUrl }: { readonly baseUrl: string }): Promise<string[]> {
  const { paths } = (await (await fetch(`${baseUrl}/docs-json`)).json()) as { paths: Record<string, Record<string, Documented>> };
  return Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).flatMap(([method, { parameters = [] }]) => {
      const call = `${method.toUpperCase()} {{${variable}}}${path}`;
      return [call, ...parameters.filter((parameter) => parameter.in === 'query').map(({ name }) => `${call}?${name}=`)];
    }),
  );
}

describe('docs/requests.http', () => {
  it('has every call that the services document, and every parameter of its query', async () => {
    const documented = await Promise.all([
      documentedBy('orders', world.order),
      documentedBy('payments', world.payment),
      documentedBy('notifications', world.notification),
      documentedBy('console', world.console),
    ]);
    const isSent = (wanted: string) => {
      const [call = '', parameter] = wanted.split('?');
      const anyIn = new RegExp(`^${call.replaceAll(/[{}$.]/g, '\\$&').replaceAll(/(?<=\/)\\\{.+?\\\}/g, '[^/]+')}$`);
      return requests.some(({ method, url }) => {
        const [path, query = ''] = url.split('?');
        return anyIn.test(`${method} ${path}`) && (parameter === undefined || `&${query}`.includes(`&${parameter}`));
      });
    };
    const missing = documented.flat().filter((call) => !isSent(call));
    expect(missing, 'add a request for each to docs/requests.http, with a title and what it expects').toEqual([]);
  });
});

describe('what is to be read at a service', () => {
  it('is a page about its calls, and one beside it about the messages', async () => {
    for (const { baseUrl } of [world.order, world.payment, world.notification]) {
      const [calls, messages] = await Promise.all(['/docs', '/docs/messages'].map(async (path) => fetch(baseUrl + path)));
      expect([calls!.status, await calls!.text()]).toEqual([200, expect.stringContaining('swagger-ui')]);
      expect(messages!.headers.get('content-security-policy')).toContain("script-src 'self'");
      expect([messages!.status, await messages!.text()]).toEqual([200, expect.stringContaining('order.placed.v1')]);
      const { asyncapi } = (await (await fetch(`${baseUrl}/docs/messages-json`)).json()) as { asyncapi: string };
      expect(asyncapi).toBe('3.0.0');
    }
  });
});
