import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { DependencyAway } from '#libs/messaging';
import { eventually, freePort } from '#libs/testing';
import type { CaptureRequest, RefundRequest } from './psp.js';
import type { StripeOptions } from './stripe-connection.js';
import { StripePsp } from './stripe-psp.js';

interface Asked {
  readonly call: string;
  readonly query: URLSearchParams;
  readonly form: Record<string, string>;
  readonly headers: IncomingMessage['headers'];
}

type Reply =
  | { readonly status?: number; readonly body: unknown; readonly headers?: Record<string, string> }
  | 'hang'
  | 'reset'
  | 'half'
  | 'drip';

/** What plays the provider: answers each question by a function, and writes down what it was asked. */
class Wire {
  readonly asked: Asked[] = [];
  /** Questions that are being answered. */
  atOnce = 0;
  most = 0;
  answer: (asked: Asked, index: number) => Reply | Promise<Reply> = () => ({ body: {} });

  private constructor(private readonly server: Server) {}

  static async start(): Promise<Wire> {
    const server = createServer();
    const wire = new Wire(server);
    server.on('request', (request, response) => void wire.serve(request, response));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return wire;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  /** The methods and paths of what was asked. */
  get calls(): string[] {
    return this.asked.map(({ call }) => call);
  }

  stop(): void {
    this.server.close();
    this.server.closeAllConnections();
  }

  private async serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname, searchParams } = new URL(request.url!, this.url);
    const form = Object.fromEntries(new URLSearchParams(await text(request)));
    const asked = { call: `${request.method} ${pathname}`, query: searchParams, form, headers: request.headers };
    this.most = Math.max(this.most, ++this.atOnce);
    const reply = await this.answer(asked, this.asked.push(asked) - 1);
    this.atOnce--;
    if (reply === 'hang') return;
    if (reply === 'reset') return void request.socket.resetAndDestroy();
    if (reply === 'half' || reply === 'drip') {
      response.writeHead(200, { 'content-length': 100_000 });
      response.write('{"id":');
      if (reply === 'half') return void setTimeout(() => request.socket.destroy(), 20);
      const dripping = setInterval(() => response.write(' '), 20);
      response.on('close', () => clearInterval(dripping));
      return;
    }
    response.writeHead(reply.status ?? 200, { 'content-type': 'application/json', ...reply.headers });
    response.end(typeof reply.body === 'string' ? reply.body : JSON.stringify(reply.body));
  }
}

const request: CaptureRequest = {
  attemptId: randomUUID(),
  paymentId: randomUUID(),
  orderId: randomUUID(),
  paymentMethod: 'pm_card_visa',
  amount: { amountMinor: 2598, currency: 'EUR' },
};
const refundRequest: RefundRequest = {
  refundId: randomUUID(),
  orderId: request.orderId,
  captureReference: 'pi_1',
  amount: { amountMinor: 1299, currency: 'EUR' },
};
const { attemptId } = request;

const intent = (changes: object = {}) => ({
  id: 'pi_1',
  object: 'payment_intent',
  status: 'succeeded',
  amount: 2598,
  amount_received: 2598,
  currency: 'eur',
  metadata: { attempt_id: attemptId },
  last_payment_error: null,
  ...changes,
});
const refund = (changes: object = {}) => ({
  id: 're_1',
  object: 'refund',
  status: 'succeeded',
  amount: 1299,
  currency: 'eur',
  payment_intent: 'pi_1',
  metadata: { refund_id: refundRequest.refundId },
  ...changes,
});
const list = (data: object[], hasMore = false) => ({ object: 'list', data, has_more: hasMore, url: '/v1/refunds' });
const search = (data: object[]) => ({ object: 'search_result', data, has_more: false, next_page: null, url: '/v1/payment_intents/search' });
const refusal = (status: number, error: object, headers: Record<string, string> = {}): Reply => ({ status, body: { error }, headers });
const invalid = (code: string, param?: string) => refusal(400, { type: 'invalid_request_error', message: 'no', code, param });
const keyReused = refusal(400, { type: 'idempotency_error', message: 'Keys for idempotent requests …' });
const serverError = refusal(500, { type: 'api_error', message: 'Sorry' });
const captured = { outcome: 'captured', reference: 'pi_1', amount: request.amount, ourReference: attemptId };
const ended = { outcome: 'declined', declineCode: 'order_ended', reference: 'pi_1' };

let wire: Wire;
beforeEach(async () => {
  wire = await Wire.start();
});
afterEach(() => wire.stop());

const connect = (changes: Partial<StripeOptions> = {}) =>
  new StripePsp({ baseUrl: wire.url, apiKey: 'sk_test_key', timeoutMs: 5000, concurrency: 64, ...changes });

/** Answers by the call; what is not named is an error of the test. */
function play(replies: Record<string, Reply | ((asked: Asked) => Reply)>): void {
  wire.answer = (asked) => {
    const reply = replies[asked.call];
    if (reply === undefined) throw new Error(`${asked.call} was not expected`);
    return typeof reply === 'function' ? reply(asked) : reply;
  };
}

const create = 'POST /v1/payment_intents';
const find = 'GET /v1/payment_intents/search';
const retrieve = 'GET /v1/payment_intents/pi_1';
const cancel = 'POST /v1/payment_intents/pi_1/cancel';
const giveBack = 'POST /v1/refunds';
const listRefunds = 'GET /v1/refunds';

describe('a capture', () => {
  it('is asked in the form that Stripe takes, with the attempt as its key', async () => {
    play({ [create]: { body: intent() } });
    expect(await connect().capture(request)).toEqual(captured);
    const [asked] = wire.asked;
    expect(asked!.form).toEqual({
      amount: '2598',
      currency: 'eur',
      payment_method: 'pm_card_visa',
      confirm: 'true',
      'automatic_payment_methods[enabled]': 'true',
      'automatic_payment_methods[allow_redirects]': 'never',
      'metadata[attempt_id]': attemptId,
      'metadata[payment_id]': request.paymentId,
      'metadata[order_id]': request.orderId,
    });
    expect(asked!.headers).toMatchObject({
      'idempotency-key': attemptId,
      authorization: 'Bearer sk_test_key',
      'content-type': 'application/x-www-form-urlencoded',
    });
  });

  it('tells nothing about the one before', async () => {
    play({ [create]: { body: intent(), headers: { 'request-id': 'req_1' } } });
    const psp = connect();
    await psp.capture(request);
    await psp.capture(request);
    expect(wire.asked[1]!.headers).not.toHaveProperty('x-stripe-client-telemetry');
  });

  it.each<[string, Reply, object]>([
    ['is processing', { body: intent({ status: 'processing' }) }, { outcome: 'processing', reference: 'pi_1' }],
    [
      'is declined',
      refusal(402, {
        type: 'card_error',
        code: 'card_declined',
        decline_code: 'insufficient_funds',
        message: 'no',
        payment_intent: intent(),
      }),
      { outcome: 'declined', declineCode: 'insufficient_funds', reference: 'pi_1' },
    ],
    [
      'is by a method that nobody knows',
      invalid('resource_missing', 'payment_method'),
      { outcome: 'declined', declineCode: 'invalid_payment_method' },
    ],
    ['is too small', invalid('amount_too_small', 'amount'), { outcome: 'declined', declineCode: 'amount_too_small' }],
    [
      'is still being worked on',
      refusal(409, { type: 'invalid_request_error', code: 'idempotency_key_in_use', message: 'no' }),
      { outcome: 'unknown', why: '409 invalid_request_error idempotency_key_in_use' },
    ],
    ['fails there', serverError, { outcome: 'unknown', why: '500 api_error' }],
    ['fails before it', { status: 503, body: '<html>bad gateway</html>' }, { outcome: 'unknown', why: '503 api_error' }],
    ['fails in JSON of somebody else', { status: 500, body: intent() }, { outcome: 'unknown', why: '500 api_error' }],
    ['is answered by something else', { body: '"OK"' }, { outcome: 'unknown', why: '200 api_error' }],
    ['is answered by an object of another kind', { body: { ok: true } }, { outcome: 'unknown', why: 'unreadable answer' }],
    ['is answered at another address', { status: 404, body: '<html>not here</html>' }, { outcome: 'unknown', why: '404 api_error' }],
    ['is sent elsewhere', { status: 307, body: '', headers: { location: '/v1/refunds' } }, { outcome: 'unknown', why: '307 api_error' }],
    ['is cut', 'reset', { outcome: 'unknown', why: expect.stringMatching(/^(ECONNRESET|UND_ERR_SOCKET)$/) }],
    ['is cut halfway through its answer', 'half', { outcome: 'unknown', why: 'UND_ERR_SOCKET' }],
  ])('that %s is asked once', async (_what, reply, answer) => {
    wire.answer = () => reply;
    expect(await connect().capture(request)).toEqual(answer);
    expect(wire.calls).toEqual([create]);
  });

  it.each<Reply>(['hang', 'drip'])('has so much time in all (%s)', async (reply) => {
    wire.answer = () => reply;
    const askedAt = performance.now();
    expect(await connect({ timeoutMs: 150 }).capture(request)).toEqual({ outcome: 'unknown', why: 'timeout' });
    expect(performance.now() - askedAt).toBeLessThan(1500);
    expect(wire.calls).toEqual([create]);
  });

  it.each<[string, Reply, Record<string, unknown>]>([
    ['our key is wrong', refusal(401, { type: 'invalid_request_error', message: 'Invalid API Key: sk_test_key' }), { retryAfterMs: 0 }],
    ['our key may not', refusal(403, { type: 'invalid_request_error', message: 'no' }), { retryAfterMs: 0 }],
    [
      'there is too much',
      refusal(429, { type: 'invalid_request_error', code: 'rate_limit', message: 'no' }, { 'retry-after': '3' }),
      { retryAfterMs: 3000 },
    ],
    ['somebody before it finds too much', { status: 429, body: 'slow down', headers: { 'retry-after': '4' } }, { retryAfterMs: 4000 }],
  ])('waits when %s', async (_what, reply, expected) => {
    wire.answer = () => reply;
    const error: unknown = await connect()
      .capture(request)
      .catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(DependencyAway);
    expect(error).toMatchObject(expected);
    expect(String(error)).not.toContain('sk_test_key');
  });

  it.each(['127.0.0.1', 'localhost', 'orderly.invalid'])('waits when nobody is at %s', async (host) => {
    const nobody = connect({ baseUrl: `http://${host}:${await freePort()}` });
    await expect(nobody.capture(request)).rejects.toThrow(DependencyAway);
  });

  it('whose key somebody gave up is answered by what became of it', async () => {
    play({ [create]: keyReused, [find]: { body: search([intent({ status: 'canceled' })]) } });
    expect(await connect().capture(request)).toEqual(ended);
  });

  it('whose key was used for something that is not found is unknown', async () => {
    play({ [create]: keyReused, [find]: { body: search([]) } });
    expect(await connect().capture(request)).toEqual({ outcome: 'unknown', why: 'idempotency_error' });
  });
});

describe('giving up', () => {
  /** A provider that keeps keys: the first question of a key decides, and `asked` again with the same form it is answered the same. */
  function keyUsedBy(first: Reply): (asked: Asked) => Reply {
    return ({ form }) => (form['confirm'] === 'true' ? first : keyReused);
  }

  it('takes a key that was never used, and cancels what stands behind it', async () => {
    play({
      [create]: { body: intent({ status: 'requires_payment_method', amount_received: 0 }) },
      [cancel]: { body: intent({ status: 'canceled' }) },
    });
    expect(await connect().giveUp(request)).toEqual(ended);
    expect(wire.calls).toEqual([create, cancel]);
    const [fence, cancellation] = wire.asked;
    expect(fence!.headers['idempotency-key']).toBe(attemptId);
    expect(fence!.form).toMatchObject({ 'metadata[attempt_id]': attemptId });
    expect(fence!.form).not.toHaveProperty('confirm');
    expect(fence!.form).not.toHaveProperty('payment_method');
    expect(cancellation!.headers['idempotency-key']).not.toBe(attemptId);
  });

  it('says so again when it is done again', async () => {
    play({
      [create]: { body: intent({ status: 'requires_payment_method', amount_received: 0 }) },
      [cancel]: invalid('payment_intent_unexpected_state'),
      [retrieve]: { body: intent({ status: 'canceled' }) },
    });
    expect(await connect().giveUp(request)).toEqual(ended);
  });

  it.each<[string, Reply, object]>([
    ['captured', { body: intent() }, captured],
    [
      'was declined',
      refusal(402, { type: 'card_error', code: 'card_declined', decline_code: 'lost_card', message: 'no', payment_intent: intent() }),
      { outcome: 'declined', declineCode: 'lost_card', reference: 'pi_1' },
    ],
  ])('finds that it %s, and cancels nothing', async (_what, first, answer) => {
    play({ [create]: keyUsedBy(first) });
    expect(await connect().giveUp(request)).toEqual(answer);
    expect(wire.calls).toEqual([create, create]);
  });

  it('cancels what is being processed', async () => {
    play({ [create]: keyUsedBy({ body: intent({ status: 'processing' }) }), [cancel]: { body: intent({ status: 'canceled' }) } });
    expect(await connect().giveUp(request)).toEqual(ended);
    expect(wire.calls).toEqual([create, create, cancel]);
  });

  it.each<[string, object, object]>([
    ['captured meanwhile', {}, captured],
    ['cannot be cancelled yet', { status: 'processing' }, { outcome: 'processing', reference: 'pi_1' }],
  ])('looks again when cancelling fails: it has %s', async (_what, state, answer) => {
    play({
      [create]: keyUsedBy({ body: intent({ status: 'processing' }) }),
      [cancel]: invalid('payment_intent_unexpected_state'),
      [retrieve]: { body: intent(state) },
    });
    expect(await connect().giveUp(request)).toEqual(answer);
  });

  it('begins with cancelling what has a name', async () => {
    play({ [cancel]: { body: intent({ status: 'canceled' }) } });
    expect(await connect().giveUp({ ...request, reference: 'pi_1' })).toEqual(ended);
    expect(wire.calls).toEqual([cancel]);
  });

  it.each<[string, object[], object, string[]]>([
    ['which captured', [intent()], captured, []],
    ['which it then cancels', [intent({ status: 'processing' })], ended, [cancel]],
    ['in vain', [], { outcome: 'unknown', why: '500 api_error' }, []],
  ])('searches what is answered by a stored failure, %s', async (_what, found, answer, calls) => {
    play({ [create]: keyUsedBy(serverError), [find]: { body: search(found) }, [cancel]: { body: intent({ status: 'canceled' }) } });
    expect(await connect().giveUp(request)).toEqual(answer);
    expect(wire.calls).toEqual([create, create, find, ...calls]);
  });

  it.each<[string, Reply, string]>([
    ['taking the key', 'reset', 'unknown'],
    ['taking the key, by a refusal', invalid('amount_too_small'), 'unknown'],
  ])('says nothing certain after %s failed', async (_what, reply, outcome) => {
    play({ [create]: reply, [find]: { body: search([]) } });
    expect(await connect().giveUp(request)).toMatchObject({ outcome });
  });

  it('says nothing certain after cancelling failed', async () => {
    play({ [create]: { body: intent({ status: 'requires_payment_method' }) }, [cancel]: serverError });
    expect(await connect().giveUp(request)).toEqual({ outcome: 'unknown', why: '500 api_error' });
  });
});

describe('a look at an attempt', () => {
  it('goes by the name that the provider has for it', async () => {
    play({ [retrieve]: { body: intent() } });
    expect(await connect().lookUp({ ...request, reference: 'pi_1' })).toEqual(captured);
  });

  it('searches by our id', async () => {
    play({ [find]: { body: search([intent()]) } });
    expect(await connect().lookUp(request)).toEqual(captured);
    expect(wire.asked[0]!.query.get('query')).toBe(`metadata['attempt_id']:'${attemptId}'`);
  });

  it.each<[string, object[], object | undefined]>([
    ['nothing', [], undefined],
    ["somebody else's", [intent({ metadata: { attempt_id: 'another' } }), intent({ metadata: {} })], undefined],
    [
      'the one that captured',
      [intent({ id: 'pi_0', status: 'canceled' }), intent({ id: 'pi_2', status: 'processing' }), intent()],
      captured,
    ],
    ['the one that still may', [intent({ id: 'pi_0', status: 'canceled' }), intent({ status: 'processing' })], { outcome: 'processing' }],
  ])('finds %s', async (_what, found, answer) => {
    play({ [find]: { body: search(found) } });
    expect({ found: await connect().lookUp(request) }).toMatchObject({ found: answer });
  });

  it.each<[string, Reply, string]>([
    ['fails', serverError, '500 api_error'],
    ['is refused', invalid('search_unavailable'), 'search_unavailable'],
    ['answers with no list', { body: {} }, 'unreadable answer'],
  ])('says nothing certain when the search %s', async (_what, reply, why) => {
    play({ [find]: reply });
    expect(await connect().lookUp(request)).toEqual({ outcome: 'unknown', why });
  });

  it('says nothing certain about a name that the provider has forgotten', async () => {
    play({ [retrieve]: refusal(404, { type: 'invalid_request_error', code: 'resource_missing', message: 'no', param: 'intent' }) });
    expect(await connect().lookUp({ ...request, reference: 'pi_1' })).toEqual({ outcome: 'unknown', why: 'resource_missing' });
  });
});

describe('a refund', () => {
  const refunded = {
    outcome: 'refunded',
    reference: 're_1',
    amount: refundRequest.amount,
    captureReference: 'pi_1',
    ourReference: refundRequest.refundId,
  };

  it('is asked in the form that Stripe takes, with itself as its key', async () => {
    play({ [giveBack]: { body: refund() } });
    expect(await connect().refund(refundRequest)).toEqual(refunded);
    expect(wire.asked[0]!.form).toEqual({
      payment_intent: 'pi_1',
      amount: '1299',
      'metadata[refund_id]': refundRequest.refundId,
      'metadata[order_id]': refundRequest.orderId,
    });
    expect(wire.asked[0]!.headers['idempotency-key']).toBe(refundRequest.refundId);
  });

  it.each<[string, Reply, object]>([
    ['is pending', { body: refund({ status: 'pending' }) }, { outcome: 'processing', reference: 're_1' }],
    ['was refunded before', invalid('charge_already_refunded'), { outcome: 'refused', code: 'charge_already_refunded' }],
    [
      'is more than is left',
      refusal(400, { type: 'invalid_request_error', message: 'Refund amount is greater', param: 'amount' }),
      { outcome: 'refused', code: 'invalid_request' },
    ],
    ['fails', serverError, { outcome: 'unknown', why: '500 api_error' }],
    ['is cut', 'reset', { outcome: 'unknown', why: expect.any(String) }],
  ])('that %s', async (_what, reply, answer) => {
    wire.answer = () => reply;
    expect(await connect().refund(refundRequest)).toEqual(answer);
    expect(wire.calls).toEqual([giveBack]);
  });

  it('whose key was used otherwise is looked for', async () => {
    play({ [giveBack]: keyReused, [listRefunds]: { body: list([refund()]) } });
    expect(await connect().refund(refundRequest)).toEqual(refunded);
  });

  it('is found by our id on any page', async () => {
    play({
      [listRefunds]: ({ query }) =>
        query.get('starting_after') === 're_0'
          ? { body: list([refund({ id: 're_2', metadata: {} }), refund()]) }
          : { body: list([refund({ id: 're_9', metadata: {} }), refund({ id: 're_0', metadata: {} })], true) },
    });
    expect(await connect().findRefund(refundRequest)).toEqual(refunded);
    expect(wire.asked.map(({ query }) => query.get('payment_intent'))).toEqual(['pi_1', 'pi_1']);
  });

  it.each<[string, Reply, object | undefined]>([
    ['is not there', { body: list([refund({ metadata: { refund_id: 'another' } })]) }, undefined],
    ['cannot be looked for', serverError, { outcome: 'unknown', why: '500 api_error' }],
    ['is of a capture that nobody knows', invalid('resource_missing', 'payment_intent'), { outcome: 'unknown', why: 'resource_missing' }],
  ])('%s', async (_what, reply, answer) => {
    play({ [listRefunds]: reply });
    expect(await connect().findRefund(refundRequest)).toEqual(answer);
  });
});

describe('the circuit', () => {
  const circuit = { failures: 3, halfOpenAfterMs: 200 };
  const states: boolean[] = [];
  const guarded = (changes: Partial<StripeOptions> = {}) => connect({ circuit, onCircuit: (open) => states.push(open), ...changes });
  beforeEach(() => void states.splice(0));

  it('opens after failures in a row, asks nobody while it is open, and closes by an answer', async () => {
    wire.answer = () => serverError;
    const psp = guarded();
    for (let times = 0; times < 3; times++) expect(await psp.capture(request)).toMatchObject({ outcome: 'unknown' });
    expect(states).toEqual([true]);
    await expect(psp.capture(request)).rejects.toThrow('the payment provider is away: circuit open');
    await expect(psp.lookUp(request)).rejects.toMatchObject({ retryAfterMs: 200 });
    expect(wire.asked).toHaveLength(3);
    play({ [create]: { body: intent() } });
    await eventually(async () => expect(await psp.capture(request)).toEqual(captured));
    expect(states).toEqual([true, false]);
  });

  it('stays open when what it lets through fails', async () => {
    wire.answer = () => serverError;
    const psp = guarded();
    for (let times = 0; times < 3; times++) await psp.capture(request);
    await eventually(async () => expect(await psp.capture(request)).toMatchObject({ outcome: 'unknown' }));
    await expect(psp.capture(request)).rejects.toThrow('circuit open');
    expect(wire.asked).toHaveLength(4);
    expect(states).not.toContain(false);
  });

  it('opens when nobody is there', async () => {
    const psp = guarded({ baseUrl: `http://127.0.0.1:${await freePort()}` });
    for (let times = 0; times < 3; times++) await expect(psp.capture(request)).rejects.toThrow('ECONNREFUSED');
    await expect(psp.capture(request)).rejects.toThrow('circuit open');
  });

  it.each<[string, Reply]>([
    ['a capture', { body: intent() }],
    ['a decline', refusal(402, { type: 'card_error', code: 'card_declined', message: 'no' })],
    ['a refusal', invalid('resource_missing', 'payment_method')],
  ])('stays closed while %s comes in between', async (_what, sign) => {
    wire.answer = (_asked, index) => (index % 3 === 2 ? sign : 'reset');
    const psp = guarded();
    for (let times = 0; times < 12; times++) await psp.capture(request);
    expect(states).toEqual([]);
  });

  it.each<[string, Reply]>([
    ['declines', refusal(402, { type: 'card_error', code: 'card_declined', message: 'no' })],
    ['keys in use', refusal(409, { type: 'invalid_request_error', code: 'idempotency_key_in_use', message: 'no' })],
    ['too many questions', refusal(429, { type: 'invalid_request_error', code: 'rate_limit', message: 'no' })],
    ['a wrong key', refusal(401, { type: 'invalid_request_error', message: 'no' })],
  ])('does not open for %s', async (_what, reply) => {
    wire.answer = () => reply;
    const psp = guarded();
    for (let times = 0; times < 6; times++) await psp.capture(request).catch(() => undefined);
    expect(wire.asked).toHaveLength(6);
    expect(states).toEqual([]);
  });

  it('lets nothing out that waited for its turn when it opened', async () => {
    wire.answer = () => serverError;
    const psp = guarded({ concurrency: 1 });
    const results = await Promise.allSettled(Array.from({ length: 10 }, () => psp.capture(request)));
    expect(results.filter(({ status }) => status === 'rejected')).toHaveLength(7);
    expect(wire.asked).toHaveLength(3);
  });
});

describe('many questions', () => {
  it('go out so many at once, and all are answered', async () => {
    const held: (() => void)[] = [];
    wire.answer = async () => {
      await new Promise<void>((resolve) => held.push(resolve));
      return { body: intent() };
    };
    const psp = connect({ concurrency: 4 });
    const answers = Array.from({ length: 20 }, () => psp.capture(request));
    for (let answered = 0; answered < 20; answered++) {
      await eventually(() => expect(held.length).toBeGreaterThan(0));
      held.shift()!();
    }
    expect(await Promise.all(answers)).toEqual(Array.from({ length: 20 }, () => captured));
    expect(wire.most).toBe(4);
  });
});
