import { createHmac } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { readEvent } from './stripe-events.js';

const now = new Date('2026-01-01T12:00:00.500Z');
const nowSeconds = Math.floor(now.getTime() / 1000);
const secret = 'whsec_current';
const previous = 'whsec_previous';
const attemptId = '019b7a00-0000-7000-8000-000000000001';
const refundId = '019b7a00-0000-7000-8000-000000000002';

const intent = {
  id: 'pi_1',
  object: 'payment_intent',
  status: 'succeeded',
  amount_received: 2598,
  currency: 'eur',
  metadata: { attempt_id: attemptId },
};
const refund = {
  id: 're_1',
  object: 'refund',
  status: 'succeeded',
  amount: 2598,
  currency: 'eur',
  payment_intent: 'pi_1',
  metadata: { refund_id: refundId },
};
const event = (type: string, object: object, changes: object = {}) =>
  JSON.stringify({
    id: 'evt_1',
    object: 'event',
    api_version: 'x',
    created: 1_767_225_600,
    type,
    livemode: false,
    data: { object },
    ...changes,
  });
const good = event('payment_intent.succeeded', intent);

const signatureOf = (body: string | Buffer, by = secret, at: number | string = nowSeconds) =>
  createHmac('sha256', by).update(`${at}.`).update(body).digest('hex');
const header = (body: string | Buffer, by = secret, at: number | string = nowSeconds) => `t=${at},v1=${signatureOf(body, by, at)}`;
const read = (body: string | Buffer, signature: string | undefined, secrets: readonly string[] = [secret, previous]) =>
  readEvent(Buffer.from(body), signature, secrets, now);

describe('a signature', () => {
  it.each<[string, string]>([
    ['of the secret', header(good)],
    ['of the secret before', header(good, previous)],
    ['that is 300 s old', header(good, secret, nowSeconds - 300)],
    ['that is 300 s early', header(good, secret, nowSeconds + 300)],
    ['among others', `t=${nowSeconds},v1=${'0'.repeat(64)},v1=${signatureOf(good)},v0=abc`],
    ['before others', `t=${nowSeconds},v1=${signatureOf(good)},v1=${'0'.repeat(64)}`],
    ['before its time', `v1=${signatureOf(good)},t=${nowSeconds}`],
  ])('%s is taken', (_what, signature) => expect(read(good, signature)).toMatchObject({ id: 'evt_1' }));

  it.each<[string, string | undefined]>([
    ['that is missing', undefined],
    ['that is empty', ''],
    ['that is nonsense', 'hello'],
    ['without a time', `v1=${signatureOf(good)}`],
    ['without a signature', `t=${nowSeconds}`],
    ['that is an empty one', `t=${nowSeconds},v1=`],
    ['of another scheme', `t=${nowSeconds},v0=${signatureOf(good)}`],
    ['of another secret', header(good, 'whsec_of_somebody_else')],
    ['of another body', header(`${good} `)],
    ['of another time', `t=${nowSeconds + 1},v1=${signatureOf(good)}`],
    ['in capitals', header(good).toUpperCase()],
    ['cut short', header(good).slice(0, -1)],
    ['301 s old', header(good, secret, nowSeconds - 301)],
    ['301 s early', header(good, secret, nowSeconds + 301)],
    ['of next year', header(good, secret, nowSeconds + 31_536_000)],
    ['whose time is no number', header(good, secret, 'NaN')],
    ['whose time goes on after the number', `t=${nowSeconds}x,v1=${signatureOf(good)}`],
    ['with two times', `t=${nowSeconds - 1},t=${nowSeconds},v1=${signatureOf(good)}`],
  ])('%s is refused', (_what, signature) => expect(read(good, signature)).toBeUndefined());

  it('of an empty secret, or of none, is refused', () => {
    expect(read(good, header(good, ''), [''])).toBeUndefined();
    expect(read(good, header(good), [])).toBeUndefined();
  });

  it('of the secret before is refused once that is gone', () => expect(read(good, header(good, previous), [secret])).toBeUndefined());
});

describe('a signed body', () => {
  it.each<[string, string | Buffer]>([
    ['is empty', ''],
    ['is no JSON', '{'],
    ['is no object', '[]'],
    ['is null', 'null'],
    ['is no UTF-8', Buffer.from([0xff, 0xfe])],
    ['is no event', event('payment_intent.succeeded', intent, { object: 'v2.core.event' })],
    ['has no id', event('payment_intent.succeeded', intent, { id: undefined })],
    ['has an id that is too long', event('payment_intent.succeeded', intent, { id: `evt_${'x'.repeat(252)}` })],
    ['has an id that no column takes', event('payment_intent.succeeded', intent, { id: 'evt_\0' })],
    ['has no type', event('payment_intent.succeeded', intent, { type: 7 })],
    ['has no time', event('payment_intent.succeeded', intent, { created: '2026' })],
    ['was made after the end of time', event('payment_intent.succeeded', intent, { created: 1e15 })],
    ['is about nothing', event('payment_intent.succeeded', intent, { data: {} })],
    ['is about an attempt of ours that cannot be read', event('payment_intent.succeeded', { ...intent, amount_received: 'all' })],
    ['is about a refund of ours that cannot be read', event('refund.updated', { ...refund, payment_intent: null })],
  ])('is refused when it %s', (_what, body) => expect(read(body, header(body))).toBeUndefined());

  it('may have the longest id', () => {
    const body = event('payment_intent.succeeded', intent, { id: `evt_${'x'.repeat(251)}` });
    expect(read(body, header(body))).toBeDefined();
  });

  it('says what became of an attempt', () => {
    expect(read(good, header(good))).toEqual({
      id: 'evt_1',
      type: 'payment_intent.succeeded',
      createdAt: new Date('2026-01-01T00:00:00Z'),
      news: {
        about: 'attempt',
        attemptId,
        answer: { outcome: 'captured', reference: 'pi_1', amount: { amountMinor: 2598, currency: 'EUR' }, ourReference: attemptId },
      },
    });
  });

  it.each<[string, object, object | undefined]>([
    ['payment_intent.processing', { ...intent, status: 'processing' }, { about: 'attempt', attemptId, answer: { outcome: 'processing' } }],
    [
      'payment_intent.payment_failed',
      { ...intent, status: 'requires_payment_method', last_payment_error: { code: 'card_declined', decline_code: 'lost_card' } },
      { about: 'attempt', attemptId, answer: { outcome: 'declined', declineCode: 'lost_card' } },
    ],
    [
      'payment_intent.canceled',
      { ...intent, status: 'canceled' },
      { about: 'attempt', attemptId, answer: { outcome: 'declined', declineCode: 'order_ended' } },
    ],
    ['refund.created', { ...refund, status: 'pending' }, { about: 'refund', refundId, answer: { outcome: 'processing' } }],
    ['refund.updated', refund, { about: 'refund', refundId, answer: { outcome: 'refunded', captureReference: 'pi_1' } }],
    [
      'refund.failed',
      { ...refund, status: 'failed', failure_reason: 'declined' },
      { about: 'refund', refundId, answer: { outcome: 'refused', code: 'declined' } },
    ],
    ['payment_intent.succeeded', { ...intent, metadata: {} }, undefined],
    ['payment_intent.succeeded', { ...intent, metadata: { attempt_id: "1'; DROP TABLE attempts" } }, undefined],
    ['payment_intent.succeeded', { ...intent, metadata: { refund_id: refundId } }, undefined],
    ['refund.updated', { ...refund, metadata: { attempt_id: attemptId } }, undefined],
    ['payment_intent.created', intent, undefined],
    ['charge.refunded', { id: 'ch_1', object: 'charge', metadata: { attempt_id: attemptId, refund_id: refundId } }, undefined],
    ['customer.created', {}, undefined],
    ['toString', {}, undefined],
  ])('of type %s', (type, object, news) => {
    const body = event(type, object);
    const found = read(body, header(body));
    expect(found).toMatchObject({ id: 'evt_1', type, news });
  });
});
