import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { topology } from '#libs/contracts';
import { eventually, operatorToken } from '#libs/testing';
import { verifyEventually } from '#libs/verify';
import { legalMoves } from '../../demo/legal-moves.js';
import { Race, type Fault, type Runner, type Way } from './race.spec-support.js';
import { Racecourse } from './racecourse.spec-support.js';

/*
 * Three race for an order: the news that the money was taken, the deadline, and the customer who cancels. The provider has taken the money
 * before they start, and is held back from saying so. They arrive in every order, and the news by either way, hit by each fault. Whoever is
 * first decides where the order ends; whatever happens, the money goes where the order says, once, and the customer is told once.
 */

type Start = readonly [Runner, Runner, Runner];

const starts: Start[] = [
  ['captured', 'deadline', 'cancel'],
  ['captured', 'cancel', 'deadline'],
  ['deadline', 'captured', 'cancel'],
  ['deadline', 'cancel', 'captured'],
  ['cancel', 'captured', 'deadline'],
  ['cancel', 'deadline', 'captured'],
];
const ways: Way[] = ['webhook', 'response'];
const faults: Fault[] = ['response lost', 'crash before the commit', 'crash after the commit'];

/** Where an order and its money have to end. All of them are cancelled or expire, so all money goes back. */
interface End {
  readonly order: string;
  readonly moves: readonly string[];
  readonly reason: string;
  readonly refusal: string | undefined;
  readonly told: readonly RegExp[];
}

/** Who was first decides. */
function endOf(start: Start): End {
  switch (start[0]) {
    case 'captured':
      return {
        order: 'refunded',
        moves: ['placed', 'payment.captured.v1', 'customer', 'payment.refunded.v1'],
        reason: 'order_cancelled',
        refusal: undefined,
        told: [/We have your order/, /Your order is paid/, /Your order is cancelled/, /Your money is back/],
      };
    case 'deadline':
      return {
        order: 'expired',
        moves: ['placed', 'deadline'],
        reason: 'late_payment',
        refusal: '/problems/order-not-cancellable',
        told: [/We have your order/, /Your order has expired/, /We have returned your payment/],
      };
    case 'cancel':
      return {
        order: 'cancelled',
        moves: ['placed', 'customer'],
        reason: 'late_payment',
        refusal: undefined,
        told: [/We have your order/, /Your order is cancelled/, /We have returned your payment/],
      };
  }
}

let course: Racecourse;

beforeAll(async () => {
  course = await Racecourse.open();
});
afterEach(() => course.mend());
afterAll(() => course.close());

describe.each(starts.map((start) => [start.join(', then '), endOf(start), start] as const))('%s', (_, end, start) => {
  it.each(ways.flatMap((way) => faults.map((fault) => [way, fault] as const)))(
    `ends as ${end.order} with the money back: %s first, %s`,
    async (way, fault) => {
      const race = await Race.begin(course);
      const run = {
        captured: () => race.captured(way, fault),
        deadline: () => race.deadline(start[0] === 'deadline'),
        cancel: () => race.cancel(end.refusal),
      };
      for (const runner of start) await run[runner]();
      const { history } = await race.customer.sees(race.orderId, end.order, 15_000);
      expect(history.map(({ cause }) => cause)).toEqual(end.moves);
      await moneyIsBack(race, end);
      await wentAsNamed(race, start, way, fault);
    },
    60_000,
  );
});

it('leaves books in which the checker finds nothing wrong, and not one message that failed', async () => {
  const { world } = course;
  const results = await verifyEventually(
    {
      databaseUrls: world.databaseUrls,
      rabbitmq: { url: world.vhost.url, managementUrl: world.vhost.managementUrl },
      baseUrls: { order: world.order.baseUrl, payment: world.payment.baseUrl },
      operatorToken: operatorToken('verify'),
      legalMoves,
    },
    15_000,
    // The deadlines were moved, and the messages of the old ones still wait.
    { only: ({ name }) => name !== 'delays-are-accounted-for' },
  );
  expect(results.filter(({ violations }) => violations > 0)).toEqual([]);
  for (const service of [world.order, world.payment, world.notification])
    expect(service.output.split('\n').filter((line) => /failed, attempt|dead letter/.test(line))).toEqual([]);
});

/** By the payment, the provider's books, the ledger and the mails; and nothing is on its way any more. */
async function moneyIsBack({ customer, orderId, totalMinor }: Race, end: End): Promise<void> {
  await eventually(
    async () =>
      expect(await customer.payment(orderId)).toMatchObject({
        status: 'refunded',
        attempts: [{ outcome: 'captured' }],
        refunds: [{ status: 'succeeded', reason: end.reason, amount: { amountMinor: totalMinor } }],
      }),
    { within: 10_000 },
  );
  expect(
    await course.rows(
      'psp-simulator',
      `SELECT status, amount_received_minor::int AS captured,
              (SELECT array_agg(amount_minor::int) FROM refunds WHERE payment_intent = payment_intents.id) AS refunds
         FROM payment_intents WHERE metadata->>'order_id' = $1`,
      [orderId],
    ),
  ).toEqual([{ status: 'succeeded', captured: totalMinor, refunds: [totalMinor] }]);
  expect(
    await course.rows(
      'payment',
      'SELECT account, array_agg(amount_minor::int ORDER BY amount_minor) AS booked FROM ledger_entries WHERE order_id = $1 GROUP BY 1 ORDER BY 1',
      [orderId],
    ),
  ).toEqual(['customer', 'provider'].map((account) => ({ account, booked: [-totalMinor, totalMinor] })));
  await customer.isTold(...end.told);
  for (const database of ['order', 'payment', 'notification'] as const)
    await eventually(async () => expect([database, await course.rows(database, 'SELECT type FROM outbox')]).toEqual([database, []]));
  expect((await course.world.vhost.depth(topology.deadLetters)).messages).toBe(0);
}

/** The capture was told once, in its place and by its way; where nobody said it, it was looked for; and the other way followed. */
async function wentAsNamed(race: Race, start: Start, way: Way, fault: Fault): Promise<void> {
  const events = await race.captureEvents();
  expect(events.map(({ askedBy }) => (askedBy === undefined ? 'webhook' : 'response'))).toEqual([way]);
  const history = await course.rows<{ cause: string }>(
    'payment',
    'SELECT cause FROM payment_history JOIN payments ON id = payment_id WHERE order_id = $1 ORDER BY sequence',
    [race.orderId],
  );
  const causes = history.map(({ cause }) => cause);
  expect(causes.toSorted()).toEqual(['attempted', 'captured', 'opened', 'order_ended', 'refund_requested', 'refunded']);
  expect(causes.filter((cause) => cause === 'captured' || cause === 'order_ended')).toEqual(
    start[0] === 'captured' ? ['captured', 'order_ended'] : ['order_ended', 'captured'],
  );
  expect(
    await course.rows('payment', 'SELECT type, applied_at IS NOT NULL AS applied FROM psp_events WHERE attempt_id = $1', [race.attemptId]),
  ).toEqual([{ type: 'payment_intent.succeeded', applied: true }]);
  const looked = way === 'response' && fault === 'response lost' ? 1 : 0;
  expect(await course.rows('payment', 'SELECT lookups FROM attempts WHERE id = $1', [race.attemptId])).toEqual([{ lookups: looked }]);
}
