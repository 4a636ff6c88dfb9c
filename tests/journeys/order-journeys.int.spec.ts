import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Client } from 'pg';
import { eventually, startWorld, type World } from '#libs/testing';
import { Customer } from './customer.spec-support.js';

let world: World;

beforeAll(async () => {
  world = await startWorld({ envOf: { 'psp-simulator': { SLOW_CARD_MS: '8000' } } });
});
afterAll(() => world.stop());

const causes = ({ history }: { history: { cause: string }[] }) => history.map(({ cause }) => cause);
const seconds = (from: string, to: string) => (Date.parse(to) - Date.parse(from)) / 1000;

/** What the provider's books say about an order's money: captures less refunds, in minor units. */
async function keptByProvider(orderId: string): Promise<number> {
  const client = new Client({ connectionString: world.databaseUrls['psp-simulator'] });
  await client.connect();
  const { rows } = await client.query<{ kept: number }>(
    `SELECT coalesce(sum(amount_received_minor - (SELECT coalesce(sum(amount_minor), 0) FROM refunds
                                                  WHERE payment_intent = payment_intents.id AND status <> 'failed')), 0)::int AS kept
     FROM payment_intents WHERE metadata->>'order_id' = $1`,
    [orderId],
  );
  await client.end();
  return rows[0]!.kept;
}

describe('an order', () => {
  it('that names a good method is paid, and its customer is told', async () => {
    const alice = new Customer(world);
    const placed = await alice.place({ paymentMethod: 'pm_card_visa' });
    expect(placed.status).toBe('awaiting_payment');
    const paid = await alice.sees(placed.id, 'paid');
    expect(causes(paid)).toEqual(['placed', 'payment.captured.v1']);
    expect(await alice.payment(placed.id)).toMatchObject({ status: 'captured', attempts: [{ outcome: 'captured' }], refunds: [] });
    await alice.isTold(/We have your order/, /Your order is paid/);
    expect(await keptByProvider(placed.id)).toBe(placed.total.amountMinor);
  });

  it('whose method is declined can be paid with another one', async () => {
    const bob = new Customer(world);
    const placed = await bob.place({ paymentMethod: 'pm_card_chargeDeclinedInsufficientFunds' });
    await eventually(async () =>
      expect(await bob.payment(placed.id)).toMatchObject({
        status: 'open',
        attempts: [{ outcome: 'declined', declineCode: 'insufficient_funds' }],
      }),
    );
    expect(await bob.pay(placed.id, 'pm_card_visa')).toMatchObject({ status: 'authorising' });
    await bob.sees(placed.id, 'paid');
    await bob.isTold(/We have your order/, /Your order is paid/, /Your payment was declined/);
    expect(await keptByProvider(placed.id)).toBe(placed.total.amountMinor);
  });

  it('that nobody pays expires at its deadline: not before, at most 2 s after, and its payment is voided', async () => {
    const carol = new Customer(world);
    const placed = await carol.place({ paymentWindowSeconds: 5 });
    const expired = await carol.sees(placed.id, 'expired');
    const late = seconds(expired.paymentDeadline, expired.history.at(-1)!.at);
    expect(late).toBeGreaterThanOrEqual(0);
    expect(late).toBeLessThanOrEqual(2);
    expect(causes(expired)).toEqual(['placed', 'deadline']);
    await eventually(async () => expect(await carol.payment(placed.id)).toMatchObject({ status: 'voided' }));
    await carol.isTold(/We have your order/, /Your order has expired/);
    expect((await carol.cancel(placed.id)).status).toBe(409);
  });

  it('that is cancelled before it was paid takes no money any more', async () => {
    const dora = new Customer(world);
    const placed = await dora.place();
    expect((await dora.cancel(placed.id)).status).toBe(200);
    expect((await dora.cancel(placed.id)).status).toBe(200);
    await eventually(async () => expect(await dora.payment(placed.id)).toMatchObject({ status: 'voided' }));
    await expect(dora.pay(placed.id, 'pm_card_visa')).rejects.toThrow(/409.*order-not-payable/);
    await dora.isTold(/We have your order/, /Your order is cancelled/);
  });

  it('that is cancelled after it was paid gets its money back in full', async () => {
    const erin = new Customer(world);
    const placed = await erin.place({ paymentMethod: 'pm_card_visa' });
    await erin.sees(placed.id, 'paid');
    expect(await (await erin.cancel(placed.id)).json()).toMatchObject({ status: 'refunding' });
    const refunded = await erin.sees(placed.id, 'refunded');
    expect(causes(refunded)).toEqual(['placed', 'payment.captured.v1', 'customer', 'payment.refunded.v1']);
    expect(await erin.payment(placed.id)).toMatchObject({ status: 'refunded', refunds: [{ status: 'succeeded', amount: placed.total }] });
    await erin.isTold(/We have your order/, /Your money is back/, /Your order is cancelled/, /Your order is paid/);
    expect(await keptByProvider(placed.id)).toBe(0);
  });

  it('that is paid too late stays expired, and the money goes back by itself', async () => {
    const fred = new Customer(world);
    const placed = await fred.place({ paymentMethod: 'pm_card_slow', paymentWindowSeconds: 5 });
    await fred.sees(placed.id, 'expired');
    await eventually(async () => expect(await fred.payment(placed.id)).toMatchObject({ status: 'refunded' }), { within: 15_000 });
    expect(await fred.order(placed.id)).toMatchObject({ status: 'expired' });
    await fred.isTold(/We have returned your payment/, /We have your order/, /Your order has expired/);
    expect(await keptByProvider(placed.id)).toBe(0);
  });
});

it('leaves nothing behind and complains about nothing: no queue, outbox or dead letter, no warning', async () => {
  const unpaidWindows = 'orderly.delay.lane-900';
  for (const { name, arguments: args } of await world.vhost.queues()) {
    if (name === unpaidWindows || args['x-queue-type'] !== 'quorum') continue;
    await eventually(async () => expect([name, (await world.vhost.depth(name)).messages]).toEqual([name, 0]));
  }
  const loud = [world.order, world.payment, world.notification].flatMap(({ log }) =>
    log.filter(({ level }) => !['info', 'debug'].includes(String(level))),
  );
  expect(loud).toEqual([]);
});
