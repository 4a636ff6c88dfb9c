import { Stripe } from 'stripe';
import { describe, expect, it } from 'vitest';
import { captureAnswerOf, type Fault, faultOf, refundAnswerOf } from './stripe-answers.js';

const intent = {
  id: 'pi_1',
  object: 'payment_intent',
  status: 'succeeded',
  amount: 2598,
  amount_received: 2598,
  currency: 'eur',
  metadata: { attempt_id: 'a', order_id: 'o' },
  last_payment_error: null,
};
const refund = {
  id: 're_1',
  object: 'refund',
  status: 'succeeded',
  amount: 1299,
  currency: 'eur',
  payment_intent: 'pi_1',
  metadata: { refund_id: 'r' },
};
const unreadable = { outcome: 'unknown', why: 'unreadable answer' };
const card = '4242424242424242';

describe('a payment intent', () => {
  it.each<[string, object, object]>([
    ['succeeded', {}, { outcome: 'captured', reference: 'pi_1', amount: { amountMinor: 2598, currency: 'EUR' }, ourReference: 'a' }],
    ['succeeded with less', { amount_received: 2597 }, { outcome: 'captured', amount: { amountMinor: 2597, currency: 'EUR' } }],
    ['succeeded, and not ours', { metadata: {} }, { outcome: 'captured', ourReference: undefined }],
    ['is processing', { status: 'processing' }, { outcome: 'processing', reference: 'pi_1' }],
    ['waits for its customer', { status: 'requires_action' }, { outcome: 'processing', reference: 'pi_1' }],
    ['waits to be confirmed', { status: 'requires_confirmation' }, { outcome: 'processing', reference: 'pi_1' }],
    ['waits to be captured', { status: 'requires_capture' }, { outcome: 'processing', reference: 'pi_1' }],
    ['is in a state that we have not heard of', { status: 'resting' }, { outcome: 'processing', reference: 'pi_1' }],
    ['was never confirmed', { status: 'requires_payment_method' }, { outcome: 'processing', reference: 'pi_1' }],
    [
      'failed at its card',
      { status: 'requires_payment_method', last_payment_error: { code: 'card_declined', decline_code: 'insufficient_funds' } },
      { outcome: 'declined', declineCode: 'insufficient_funds', reference: 'pi_1' },
    ],
    [
      'failed otherwise',
      { status: 'requires_payment_method', last_payment_error: { code: 'expired_card' } },
      { outcome: 'declined', declineCode: 'expired_card' },
    ],
    [
      'failed and does not say why',
      { status: 'requires_payment_method', last_payment_error: {} },
      { outcome: 'declined', declineCode: 'card_declined' },
    ],
    [
      'failed for a reason that is no code',
      { status: 'requires_payment_method', last_payment_error: { code: `bad_${card}`, decline_code: 'No, sir!' } },
      { outcome: 'declined', declineCode: 'card_declined' },
    ],
    ['was cancelled', { status: 'canceled' }, { outcome: 'declined', declineCode: 'order_ended', reference: 'pi_1' }],
    [
      'failed and was cancelled',
      { status: 'canceled', last_payment_error: { code: 'card_declined', decline_code: 'lost_card' } },
      { outcome: 'declined', declineCode: 'lost_card' },
    ],
    ['has no status', { status: undefined }, unreadable],
    ['has half a cent', { amount_received: 1.5 }, unreadable],
    ['has a name that is none', { id: 'pi_1\0' }, unreadable],
    ['is something else', { object: 'charge' }, unreadable],
  ])('that %s', (_what, changes, answer) => expect(captureAnswerOf({ ...intent, ...changes })).toMatchObject(answer));

  it.each([undefined, null, 'x', []])('is not %j', (value) => expect(captureAnswerOf(value)).toEqual(unreadable));
});

describe('a refund', () => {
  it.each<[string, object, object]>([
    [
      'succeeded',
      {},
      {
        outcome: 'refunded',
        reference: 're_1',
        amount: { amountMinor: 1299, currency: 'EUR' },
        captureReference: 'pi_1',
        ourReference: 'r',
      },
    ],
    ['is pending', { status: 'pending' }, { outcome: 'processing', reference: 're_1' }],
    ['waits for its customer', { status: 'requires_action' }, { outcome: 'processing', reference: 're_1' }],
    ['has no status', { status: null }, { outcome: 'processing', reference: 're_1' }],
    ['failed', { status: 'failed', failure_reason: 'expired_or_canceled_card' }, { outcome: 'refused', code: 'expired_or_canceled_card' }],
    ['was cancelled', { status: 'canceled' }, { outcome: 'refused', code: 'canceled' }],
    ['is of no payment intent', { payment_intent: null }, unreadable],
    ['is something else', { object: 'charge' }, unreadable],
  ])('that %s', (_what, changes, answer) => expect(refundAnswerOf({ ...refund, ...changes })).toEqual(answer));
});

describe('an error', () => {
  const { StripeConnectionError, StripeError } = Stripe.errors;
  type Raw = Parameters<typeof StripeError.generate>[0];
  const answered = (statusCode: number, raw: object) => StripeError.generate({ message: `the card ${card}`, statusCode, ...raw });
  const lost = (detail: unknown) => new StripeConnectionError({ message: card, detail } as unknown as Raw);
  const failed = (cause: object) => Object.assign(new TypeError('fetch failed'), { cause });
  const invalid = { type: 'invalid_request_error' };

  it.each<[string, InstanceType<typeof StripeError>, Fault]>([
    [
      'of the card is a decline',
      answered(402, { type: 'card_error', code: 'card_declined', decline_code: 'do_not_honor', payment_intent: { id: 'pi_1' } }),
      { kind: 'declined', code: 'do_not_honor', reference: 'pi_1' },
    ],
    [
      'of the card without its reason is a decline by its code',
      answered(402, { type: 'card_error', code: 'expired_card' }),
      { kind: 'declined', code: 'expired_card', reference: undefined },
    ],
    [
      'that asks for payment, and is not of Stripe, says nothing',
      answered(402, { type: 'api_error' }),
      { kind: 'unknown', why: '402 api_error', ailing: true },
    ],
    [
      'of a parameter is a refusal',
      answered(400, { ...invalid, code: 'resource_missing', param: 'payment_method' }),
      { kind: 'refused', code: 'resource_missing', param: 'payment_method' },
    ],
    [
      'of a name is a refusal',
      answered(404, { ...invalid, code: 'resource_missing', param: 'intent' }),
      { kind: 'refused', code: 'resource_missing', param: 'intent' },
    ],
    ['without a code is a refusal', answered(400, invalid), { kind: 'refused', code: 'invalid_request', param: undefined }],
    [
      'that repeats what was sent is a refusal without it',
      answered(400, { ...invalid, code: `no_${card}`, param: `x[${card}]` }),
      { kind: 'refused', code: 'invalid_request', param: undefined },
    ],
    ['of the URL says nothing', answered(404, invalid), { kind: 'unknown', why: '404 invalid_request_error', ailing: true }],
    ['of the idempotency key', answered(400, { type: 'idempotency_error' }), { kind: 'key-reused' }],
    [
      'of a key in use says nothing, and nothing against the provider',
      answered(409, { ...invalid, code: 'idempotency_key_in_use' }),
      { kind: 'unknown', why: '409 invalid_request_error idempotency_key_in_use', ailing: false },
    ],
    ['of its own says nothing', answered(500, { type: 'api_error' }), { kind: 'unknown', why: '500 api_error', ailing: true }],
    ['of our key is everybody', answered(401, invalid), { kind: 'away', why: '401 invalid_request_error', ailing: false }],
    ["of our key's rights is everybody", answered(403, invalid), { kind: 'away', why: '403 invalid_request_error', ailing: false }],
    [
      'of the rate says when to come again',
      answered(429, { ...invalid, code: 'rate_limit', headers: { 'retry-after': '7' } }),
      { kind: 'away', why: '429 invalid_request_error rate_limit', ailing: false, retryAfterMs: 7000 },
    ],
    [
      'of the rate may say no time',
      answered(429, invalid),
      { kind: 'away', why: '429 invalid_request_error', ailing: false, retryAfterMs: 1000 },
    ],
    [
      'of the rate stops nobody for a day',
      answered(429, { ...invalid, headers: { 'retry-after': '86400' } }),
      { kind: 'away', why: '429 invalid_request_error', ailing: false, retryAfterMs: 60_000 },
    ],
    [
      'is a refused connection',
      lost(failed({ code: 'ECONNREFUSED', syscall: 'connect' })),
      { kind: 'away', why: 'ECONNREFUSED', ailing: true },
    ],
    [
      'is a refused connection at each address of a name',
      lost(failed({ code: 'ECONNREFUSED', errors: [{ code: 'ECONNREFUSED', syscall: 'connect' }] })),
      { kind: 'away', why: 'ECONNREFUSED', ailing: true },
    ],
    ['is an unknown host', lost(failed({ code: 'ENOTFOUND', syscall: 'getaddrinfo' })), { kind: 'away', why: 'ENOTFOUND', ailing: true }],
    [
      'is no way to the host',
      lost(failed({ code: 'EHOSTUNREACH', syscall: 'connect' })),
      { kind: 'away', why: 'EHOSTUNREACH', ailing: true },
    ],
    [
      'is a connection that does not come about',
      lost(failed({ code: 'UND_ERR_CONNECT_TIMEOUT' })),
      { kind: 'away', why: 'UND_ERR_CONNECT_TIMEOUT', ailing: true },
    ],
    [
      'is a connection that was there and leads nowhere any more',
      lost(failed({ code: 'EHOSTUNREACH', syscall: 'read' })),
      { kind: 'unknown', why: 'EHOSTUNREACH', ailing: true },
    ],
    ['is a reset', lost(failed({ code: 'ECONNRESET', syscall: 'read' })), { kind: 'unknown', why: 'ECONNRESET', ailing: true }],
    ['is a hang-up', lost(failed({ code: 'UND_ERR_SOCKET' })), { kind: 'unknown', why: 'UND_ERR_SOCKET', ailing: true }],
    [
      'is a timeout',
      lost(Object.assign(new TypeError('ETIMEDOUT'), { code: 'ETIMEDOUT' })),
      { kind: 'unknown', why: 'timeout', ailing: true },
    ],
    ['is none that we know', lost(undefined), { kind: 'unknown', why: 'connection lost', ailing: true }],
  ])('%s', (_what, error, fault) => {
    expect(faultOf(error)).toEqual(fault);
    expect(JSON.stringify(faultOf(error))).not.toContain(card);
  });
});
