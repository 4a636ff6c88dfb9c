import { describe, expect, it } from 'vitest';
import { tellConversation, type Recorded, type Side } from './conversation.js';

/** An instant so many milliseconds into the story. */
const at = (ms: number) => new Date(Date.UTC(2026, 10, 22, 12) + ms);
const iso = (ms: number) => at(ms).toISOString();

type Happened = Side['happened'][number];
const happened = (kind: Happened['kind'], id: string, ms: number, more: Partial<Happened> = {}): Happened => ({
  at: iso(ms),
  kind,
  what: id,
  id,
  ...more,
});
const delivery = (queue: string, messageId: string, ms: number) =>
  happened('delivery', `${queue}/${messageId}`, ms, { causedBy: messageId, details: { queue } });
const message = (messageId: string, type: string, source: string, ms: number, more: Partial<Recorded> = {}): Recorded => ({
  messageId,
  type,
  source,
  at: at(ms),
  causationId: null,
  sequence: null,
  data: {},
  ...more,
});

/** The story as `id < cause`. */
const told = (sides: readonly Side[], trail: readonly Recorded[] = []) =>
  tellConversation(sides, trail).map(({ id, causedBy }) => (causedBy === undefined ? id : `${id} < ${causedBy}`));

const order = (...things: Happened[]): Side => ({ source: 'order', happened: things });
const payment = (...things: Happened[]): Side => ({ source: 'payment', happened: things });
const notification = (...things: Happened[]): Side => ({ source: 'notification', happened: things });

describe('the story of an order', () => {
  it('is told in the order of time, whoever tells it', () => {
    expect(told([order(happened('request', 'b', 2)), payment(happened('request', 'a', 1), happened('request', 'c', 3))])).toEqual([
      'a',
      'b',
      'c',
    ]);
  });

  it('has no effect before its cause, though the clock of one service is minutes behind', () => {
    const trail = [message('paid', 'order.paid.v1', 'order', 60_000)];
    expect(told([notification(delivery('notify', 'paid', 10)), order(happened('request', 'late', 61_000))], trail)).toEqual([
      'paid',
      'notify/paid < paid',
      'late',
    ]);
  });

  it('goes from a call to the change, to what was said of it, to who took it, and to what that changed', () => {
    const sides = [
      order(
        happened('request', 'call', 0),
        happened('change', 'order.v1', 0, { sequence: 1, causedBy: 'call' }),
        happened('change', 'order.v2', 9, { sequence: 2 }),
        delivery('order.settle-order', 'captured', 8),
      ),
    ];
    const trail = [
      message('placed', 'order.placed.v1', 'order', 1, { sequence: 1 }),
      message('captured', 'payment.captured.v1', 'payment', 5),
      message('paid', 'order.paid.v1', 'order', 10, { sequence: 2, causationId: 'captured' }),
    ];
    expect(told(sides, trail)).toEqual([
      'call',
      'order.v1 < call',
      'placed < order.v1',
      'captured',
      'order.settle-order/captured < captured',
      'order.v2 < order.settle-order/captured',
      'paid < order.v2',
    ]);
  });

  it('does not take what is said of an old version later for the doing of that version', () => {
    const sides = [order(happened('change', 'order.v2', 1, { sequence: 2 }), delivery('order.settle-order', 'late-money', 50))];
    const trail = [
      message('expired', 'order.expired.v1', 'order', 2, { sequence: 2, causationId: 'deadline' }),
      message('late-money', 'payment.captured.v1', 'payment', 40),
      message('said', 'order.wondered.v1', 'order', 51, { sequence: 2, causationId: 'late-money' }),
    ];
    expect(told(sides, trail)).toContain('said < order.settle-order/late-money');
  });

  it('takes a change that nobody spoke of for the doing of what came in last, of what can have done it', () => {
    const change = (version: number, ms: number, cause: string) =>
      happened('change', `payment.v${version}`, ms, { sequence: version, details: { cause } });
    const sides = [
      payment(
        delivery('payment.open-payment', 'placed', 100),
        change(1, 103, 'opened'),
        happened('request', 'pay', 900),
        happened('webhook', 'about-another', 901),
        change(2, 904, 'attempted'),
        happened('webhook', 'told', 1000),
        change(3, 1000, 'captured'),
        // Nothing that came in can have done this, or it was too long ago.
        change(4, 1010, 'wondered'),
        change(5, 9000, 'captured'),
      ),
    ];
    expect(told(sides, [message('placed', 'order.placed.v1', 'order', 0)])).toEqual([
      'placed',
      'payment.open-payment/placed < placed',
      'payment.v1 < payment.open-payment/placed',
      'pay',
      'about-another',
      'payment.v2 < pay',
      'told',
      'payment.v3 < told',
      'payment.v4',
      'payment.v5',
    ]);
  });

  it('knows a command, which no trail records, from its delivery, its time from its id, and its attempt from what followed', () => {
    const command = '019ab0c0-0000-7000-8000-000000000001';
    const said = Number.parseInt('019ab0c00000', 16);
    const sides = [payment(delivery('payment.capture-payment', command, 5), happened('attempt', 'attempt-1', 1))];
    const trail = [message('captured', 'payment.captured.v1', 'payment', 6, { causationId: command, data: { attemptId: 'attempt-1' } })];
    expect(tellConversation(sides, trail).find(({ id }) => id === command)).toEqual({
      at: new Date(said).toISOString(),
      source: 'payment',
      kind: 'message',
      what: 'a message to payment.capture-payment',
      id: command,
      causedBy: 'attempt-1',
    });
  });

  it('puts the notice between an event and its mail', () => {
    const trail = [
      message('paid', 'order.paid.v1', 'order', 1),
      message('notice', 'notice.issued.v1', 'notification', 3, { causationId: 'paid', data: { eventId: 'paid' } }),
    ];
    const mail = happened('mail', 'mail', 6, { causedBy: 'paid', details: { channel: 'email' } });
    const things = [delivery('notification.notify-customer', 'paid', 2), mail];
    const handled = [delivery('notification.webhook', 'notice', 4), delivery('notification.email', 'notice', 5)];
    expect(told([notification(...things, ...handled)], trail)).toEqual([
      'paid',
      'notification.notify-customer/paid < paid',
      'notice < notification.notify-customer/paid',
      'notification.webhook/notice < notice',
      'notification.email/notice < notice',
      'mail < notification.email/notice',
    ]);
    // Before the notice was handled, and without the trail.
    expect(told([notification(...things)], trail)).toContain('mail < notice');
    expect(told([notification(...things)])).toContain('mail < paid');
  });

  it('is told with what is there: without the service that knows more, and with circles that only wrong data makes', () => {
    expect(told([], [message('captured', 'payment.captured.v1', 'payment', 1, { causationId: 'nobody-knows', sequence: 3 })])).toEqual([
      'captured < nobody-knows',
    ]);
    const circle = [happened('change', 'a', 1, { causedBy: 'b' }), happened('change', 'b', 2, { causedBy: 'a' })];
    expect(told([order(...circle)])).toEqual(['a < b', 'b < a']);
    expect(told([])).toEqual([]);
  });
});
