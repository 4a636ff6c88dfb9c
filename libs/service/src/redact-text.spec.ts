import { describe, expect, it } from 'vitest';
import { redactText } from './redact-text.js';

describe('a text for the log', () => {
  it.each([
    ['cannot reach postgres://order:hunter2@db:5432/order', 'cannot reach postgres://order:[secret]@db:5432/order'],
    ['amqp://:p%40ss@broker', 'amqp://:[secret]@broker'],
    ['authorization: Bearer abcdef0123456789', 'authorization: Bearer [secret]'],
    ['token eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiJhbGljZSJ9.c2lnbmF0dXJl was refused', 'token [token] was refused'],
    ['No such key: sk_test_4eC39HqLyjWDarjtT1zdp7dc', 'No such key: [secret]'],
    ['signed with whsec_for_the_demo_only', 'signed with [secret]'],
    ['signed with whsec_MfKQ9r8G/YqwTwUPD8ILPZIo2+LaLaSw==, again', 'signed with [secret], again'],
    ['RCPT TO:<alice@example.com> refused', 'RCPT TO:<[e-mail]> refused'],
    ['charged 4242 4242 4242 4242 twice', 'charged [card number] twice'],
    ['4242424242424242', '[card number]'],
  ])('hides what is secret or personal in %j', (text, shown) => expect(redactText(text)).toBe(shown));

  it.each([
    'order.settle-order: payment.captured.v1 0190a1b2-3c4d-7e5f-8a9b-0c1d2e3f4a5b about 0190a1b2-0000-7000-8000-000000000000 failed',
    'parked 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01 at 2026-01-01T12:00:00.000Z',
    'order service listens on http://localhost:3001',
    'expired 1767225600000 of 12345678901234',
    'GET /orders/@me',
  ])('leaves alone %j', (text) => expect(redactText(text)).toBe(text));

  it('takes no longer for what was made to take long', () => {
    const started = performance.now();
    for (const part of ['a', '1 ', 'a:', 'eyJa', 'http://', '@', 'Bearer ']) redactText(part.repeat(20_000));
    expect(performance.now() - started).toBeLessThan(5_000);
  });
});
