import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { asCustomer, asOperator, eventually, startWorld, type World } from '#libs/testing';
import { Customer } from './customer.spec-support.js';

interface Conversation {
  readonly order: { readonly status: string } | null;
  readonly entries: { at: string; source: string; kind: string; what: string; id: string; causedBy?: string }[];
  readonly gaps: { source: string; reason: string }[];
}

let world: World;

beforeAll(async () => {
  world = await startWorld({ console: true });
});
afterAll(() => world?.stop());

const ask = (orderId: string) => fetch(`${world.console.baseUrl}/conversations/${orderId}`, { headers: asOperator('olga') });

async function conversationOf(orderId: string): Promise<Conversation> {
  const response = await ask(orderId);
  expect(response.status).toBe(200);
  return (await response.json()) as Conversation;
}

/** From one entry back to what began it all, as `source what`. */
function backFrom({ entries }: Conversation, what: string): string[] {
  const chain: string[] = [];
  const seen = new Set<string>();
  let entry = entries.find((one) => `${one.source} ${one.what}` === what);
  while (entry && !seen.has(entry.id)) {
    seen.add(entry.id);
    chain.push(`${entry.source} ${entry.what}`);
    const { causedBy } = entry;
    entry = entries.find(({ id }) => id === causedBy);
  }
  return chain.toReversed();
}

describe('the conversation of an order', () => {
  it('that was paid tells the whole chain, from the call to the mail, in order and with its causes', async () => {
    const alice = new Customer(world);
    const { id } = await alice.place({ paymentMethod: 'pm_card_visa' });
    await alice.sees(id, 'paid');
    await alice.isTold(/We have your order/, /Your order is paid/);
    const conversation = await eventually(async () => {
      const found = await conversationOf(id);
      expect(backFrom(found, 'notification email order-paid: sent')).toEqual([
        'order POST /orders',
        'order the order is awaiting_payment',
        'order order.placed.v1',
        'payment payment.open-payment handled it',
        'payment the payment goes from open to authorising',
        'payment an attempt with pm_card_visa: captured',
        'payment a message to payment.capture-payment',
        'payment payment.capture-payment handled it',
        'payment the payment goes from authorising to captured',
        'payment payment.captured.v1',
        'order order.settle-order handled it',
        'order the order goes from awaiting_payment to paid',
        'order order.paid.v1',
        'notification notification.notify-customer handled it',
        'notification notice.issued.v1',
        'notification notification.email handled it',
        'notification email order-paid: sent',
      ]);
      expect(backFrom(found, 'payment the provider tells payment_intent.succeeded').slice(-3)).toEqual([
        'payment an attempt with pm_card_visa: captured',
        'payment the provider is asked for the money',
        'payment the provider tells payment_intent.succeeded',
      ]);
      return found;
    });
    expect(conversation).toMatchObject({ order: { status: 'paid' }, gaps: [] });
    for (const [index, { causedBy }] of conversation.entries.entries()) {
      const cause = conversation.entries.findIndex((entry) => entry.id === causedBy);
      expect(cause).toBeLessThan(index);
    }
    expect(new Set(conversation.entries.map((entry) => entry.id)).size).toBe(conversation.entries.length);
    expect(JSON.stringify(conversation)).not.toContain(alice.email);
  });

  it('that was cancelled after it was paid tells how the money went back', async () => {
    const bob = new Customer(world);
    const { id } = await bob.place({ paymentMethod: 'pm_card_visa' });
    await bob.sees(id, 'paid');
    await bob.cancel(id);
    await bob.sees(id, 'refunded');
    await eventually(async () =>
      expect(backFrom(await conversationOf(id), 'order order.refunded.v1')).toEqual([
        'payment a message to payment.refund-payment',
        'payment payment.refund-payment handled it',
        'payment the payment goes from refunding to refunded',
        'payment payment.refunded.v1',
        'order order.settle-order handled it',
        'order the order goes from refunding to refunded',
        'order order.refunded.v1',
      ]),
    );
  });

  it('is not all that services ask each other for: a customer gets their order with its payment', async () => {
    const dora = new Customer(world);
    const { id } = await dora.place({ paymentMethod: 'pm_card_visa' });
    await dora.sees(id, 'paid');
    const answer = await fetch(`${world.order.baseUrl}/orders/${id}?expand=payment`, { headers: asCustomer(dora.id) });
    expect(await answer.json()).toMatchObject({ id, status: 'paid', payment: await dora.payment(id), gaps: [] });
  });

  it('that nobody knows is 404, and without an operator 401', async () => {
    const unknown = await ask(randomUUID());
    expect(unknown.status).toBe(404);
    expect(await unknown.json()).toMatchObject({ type: '/problems/order-not-found' });
    expect((await fetch(`${world.console.baseUrl}/conversations/${randomUUID()}`)).status).toBe(401);
    expect((await ask('no-id')).status).toBe(404);
  });

  it('has a gap with a name while a service is down, and none when it is back', async () => {
    const carol = new Customer(world);
    const { id } = await carol.place({ paymentMethod: 'pm_card_visa' });
    await carol.sees(id, 'paid');
    await world.payment.stop();
    const gapped = await conversationOf(id);
    expect(gapped.gaps).toEqual([{ source: 'payment', reason: 'no answer within 2000 ms' }]);
    expect(gapped.entries.map(({ what }) => what)).toContain('payment.captured.v1');
    expect(gapped.entries.filter(({ kind }) => kind === 'attempt')).toEqual([]);
    await world.payment.start();
    await world.payment.ready();
    await eventually(async () => expect((await conversationOf(id)).gaps).toEqual([]));
  });
});
