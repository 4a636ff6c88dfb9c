import { describe, expect, it } from 'vitest';
import type { LedgerEntry } from './client-ledger.js';
import { count, judge, type Evidence } from './judge.js';

const placed: LedgerEntry = {
  at: 0,
  until: 1,
  act: 'place',
  customer: 'customer-1',
  key: 'k',
  bodyHash: 'h',
  replica: 'order-1',
  status: 201,
  id: 'o1',
  orderId: 'o1',
  stands: 'awaiting_payment',
  amountMinor: 500,
};
const unanswered: LedgerEntry = { ...placed, status: null, problem: 'ECONNRESET' };
const mail = (subject: string, messageId = subject) => ({ to: 'customer-1@chaos.example', subject, messageId });

/** One customer who has ordered, paid and been told: nothing is wrong. */
const healthy: Evidence = {
  plans: [{ number: 1, story: 'pays when ordering', items: [], paymentMethod: 'pm_card_visa', pauseMs: 0, first: 0 }],
  entries: [placed],
  orders: [{ id: 'o1', customer: 'customer-1', status: 'paid', totalMinor: 500 }],
  provider: [{ orderId: 'o1', held: 1, returnedMinor: 0 }],
  mails: [mail('We have your order'), mail('Your order is paid')],
  checks: [],
  handled: [{ queue: 'order.settle-order', done: 1, registered: 1 }],
  poison: { sent: new Set(), found: new Set() },
};

/** The words and witnesses of what is found when the evidence is this one. */
const found = (changes: Partial<Evidence>) => judge({ ...healthy, ...changes }).map(({ word, witness }) => `${word}: ${witness}`);

describe('the judge', () => {
  it('finds nothing where nothing is wrong', () => {
    expect(found({})).toEqual([]);
  });

  it('calls an acknowledged order that is not there lost', () => {
    expect(found({ orders: [], provider: [] })).toEqual(['lost: client ledger']);
  });

  it('has no complaint about an order that nobody was told of, whether it is there or not', () => {
    expect(found({ entries: [unanswered], orders: [], provider: [], mails: [] })).toEqual([]);
    expect(found({ entries: [unanswered] })).toEqual([]);
  });

  it('calls two orders of one key duplicated, acknowledged or not', () => {
    const twice = [...healthy.orders, { id: 'o2', customer: 'customer-1', status: 'paid', totalMinor: 500 }];
    expect(found({ orders: twice })).toContain('duplicated: client ledger');
    expect(found({ orders: twice, entries: [placed, { ...placed, id: 'o2', orderId: 'o2' }] })).toEqual([
      'duplicated: client ledger',
      'duplicated: client ledger',
    ]);
  });

  it('calls a second capture duplicated, by the books of the provider alone', () => {
    expect(found({ provider: [{ orderId: 'o1', held: 2, returnedMinor: 0 }] })).toEqual(['duplicated: provider']);
  });

  it('calls money for an order that nobody placed, and an order that nobody asked for, a contradiction', () => {
    expect(found({ provider: [...healthy.provider, { orderId: 'o9', held: 1, returnedMinor: 0 }] })).toEqual(['contradicted: provider']);
    expect(found({ orders: [...healthy.orders, { id: 'o9', customer: 'nobody', status: 'paid', totalMinor: 1 }] })).toEqual([
      'contradicted: client ledger',
    ]);
  });

  it('calls an order that was to be paid and still waits stuck', () => {
    const waiting = healthy.orders.map((order) => ({ ...order, status: 'awaiting_payment' }));
    expect(found({ orders: waiting, provider: [] })).toEqual(['stuck: client ledger']);
  });

  it('calls a cancellation that was acknowledged, of an order that is paid, lost', () => {
    const cancelled: LedgerEntry = { ...placed, act: 'cancel', key: '', status: 200, stands: 'cancelled' };
    expect(found({ entries: [placed, cancelled] })).toEqual(['lost: client ledger']);
  });

  it('calls a refund that was promised and has not gone stuck, and one that has gone twice duplicated', () => {
    const refund: LedgerEntry = { ...placed, act: 'refund', key: 'r', status: 202, id: 'r1', stands: 'pending', amountMinor: 100 };
    expect(found({ entries: [placed, refund] })).toEqual(['stuck: provider']);
    expect(found({ entries: [placed, refund], provider: [{ orderId: 'o1', held: 1, returnedMinor: 100 }] })).toEqual([]);
    expect(found({ entries: [placed, refund], provider: [{ orderId: 'o1', held: 1, returnedMinor: 200 }] })).toEqual([
      'duplicated: provider',
    ]);
  });

  it('calls a mail that never came lost, one that came as two duplicated, and lets a repeat of one pass', () => {
    expect(found({ mails: [mail('We have your order')] })).toEqual(['lost: mail server']);
    expect(found({ mails: [...healthy.mails, mail('Your order is paid', 'another')] })).toEqual(['duplicated: mail server']);
    expect(found({ mails: [...healthy.mails, mail('Your order is paid')] })).toEqual([]);
  });

  it('calls a message that was handled twice duplicated, though nothing else shows it', () => {
    expect(found({ handled: [{ queue: 'order.settle-order', done: 2, registered: 1 }] })).toEqual(['duplicated: handled messages']);
  });

  it('calls nonsense that was accepted a contradiction', () => {
    expect(found({ entries: [placed, { ...placed, act: 'misuse', key: 'm' }] })).toEqual(['contradicted: client ledger']);
  });

  it('calls a message that nobody can read, and that is no dead letter, lost', () => {
    expect(found({ poison: { sent: new Set(['p']), found: new Set() } })).toEqual(['lost: dead letters']);
  });

  it('passes on what a check of the books has found, with those that it does not name', () => {
    const check = { name: 'outboxes-are-drained', about: '', checked: 3, violations: 5, offenders: ['a', 'b'] };
    expect(judge({ ...healthy, checks: [check] }).map(({ word, what }) => `${word}: ${what}`)).toEqual([
      'stuck: a',
      'stuck: b',
      'stuck: and 3 more',
    ]);
  });
});

describe('the counts', () => {
  it('tell keys that were tried from keys that were acknowledged, and those that were only after they had failed', () => {
    const entries = [
      placed,
      { ...unanswered, key: 'l', customer: 'customer-2' },
      { ...placed, key: 'l', customer: 'customer-2' },
      { ...unanswered, key: 'm', customer: 'customer-3' },
    ];
    expect(count({ entries, mails: [...healthy.mails, mail('Your order is paid')] })).toEqual({
      attempted: 3,
      acknowledged: 2,
      recovered: 1,
      repeatedMails: 1,
    });
  });
});
