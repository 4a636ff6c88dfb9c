import { connect } from 'amqplib';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { shortestInboxDays, topology } from '#libs/contracts';
import { declarationsOf } from '#libs/messaging';
import { testVhost, type TestVhost } from '#libs/testing';
import { checks, Unreachable, verify, verifyEventually, violationsIn, type CheckResult, type System } from '#libs/verify';
import { legalMoves } from '../../demo/legal-moves.js';
import { booking, HealthyBooks, idOf, intentRow, letterRow, storyNames, total, type DatabaseName } from './healthy-books.spec-support.js';

interface Harm {
  readonly what: string;
  readonly to: Partial<Record<DatabaseName, string>>;
  /** Messages that are left in queues. */
  readonly left?: Readonly<Record<string, number>>;
  /** The checks that find it, each with words that it finds. */
  readonly found: Readonly<Record<string, RegExp>>;
}

const order = (story: string) => `'${idOf(`${story}.order`)}'`;
const payment = (story: string) => `'${idOf(`${story}.payment`)}'`;
const attempt = (story: string, index = 0) => `'${idOf(`${story}.attempt.${index}`)}'`;
const refund = (story: string, index = 0) => `'${idOf(`${story}.refund.${index}`)}'`;
const outboxRow = `INSERT INTO outbox (id, type, headers, body) VALUES (gen_random_uuid(), 'order.paid.v1', '{}', '{}')`;
const aSecondAttempt = (story: string) =>
  `INSERT INTO attempts (id, payment_id, payment_method, outcome, psp_reference, at)
   VALUES (${attempt(story, 9)}, ${payment(story)}, 'pm_card_visa', 'captured', 'pi_twice', now());
   ${booking(story, idOf(`${story}.attempt.9`), total)};`;

const harms: readonly Harm[] = [
  {
    what: 'an order is captured twice, here and there',
    to: { payment: aSecondAttempt('paid'), 'psp-simulator': intentRow('paid', 9, 'captured', 'pi_twice') },
    found: {
      'one-capture-per-order': /paid\.order has 2 captures, of which 5196/,
      'one-capture-per-order-at-the-provider': /paid\.order is captured by pi_paid_attempt_1 and pi_twice/,
      'captured-equals-total': /paid\.order costs 2598 EUR, and 5196 EUR were captured/,
      'paid-means-captured': /paid\.order is paid by 2 captures/,
    },
  },
  {
    what: 'a key per call: the provider captured one attempt twice',
    to: { 'psp-simulator': intentRow('paid', 1, 'captured', 'pi_twice') },
    found: {
      'one-capture-per-order-at-the-provider': /paid\.order is captured by/,
      'captures-equal-the-providers': /paid\.attempt\.1 is captured by pi_paid_attempt_1 and pi_twice/,
    },
  },
  {
    what: 'the provider captured what we take for declined',
    to: {
      'psp-simulator': `UPDATE payment_intents SET status = 'succeeded', amount_received_minor = amount_minor WHERE id = 'pi_expired_attempt_0'`,
    },
    found: {
      'captures-equal-the-providers': /expired\.attempt\.0 is declined with us, and captured as pi_expired_attempt_0/,
      'provider-holds-nothing-of-ended-orders': /expired\.order is expired, and the provider holds 2598/,
    },
  },
  {
    what: 'the provider may still capture what we take for declined',
    to: { 'psp-simulator': `UPDATE payment_intents SET status = 'processing', decides_at = now() WHERE id = 'pi_expired_attempt_0'` },
    found: { 'captures-equal-the-providers': /expired\.attempt\.0 is declined with us, and pi_expired_attempt_0 is processing/ },
  },
  {
    what: 'the provider knows an intent that is not ours',
    to: { 'psp-simulator': intentRow('stranger', 0, 'declined') },
    found: { 'captures-equal-the-providers': /pi_stranger_attempt_0 \(requires_payment_method, 0 EUR\) is of no attempt of ours/ },
  },
  {
    what: 'the provider never captured what we have',
    to: { 'psp-simulator': `DELETE FROM payment_intents WHERE id = 'pi_paid_attempt_1'` },
    found: { 'captures-equal-the-providers': /paid\.attempt\.1 is captured in our books alone/ },
  },
  {
    what: 'the provider captured another amount',
    to: { 'psp-simulator': `UPDATE payment_intents SET amount_minor = 2600, amount_received_minor = 2600 WHERE id = 'pi_paid_attempt_1'` },
    found: { 'captures-equal-the-providers': /paid\.attempt\.1 is 2598 EUR with us and 2600 EUR there/ },
  },
  {
    what: 'the provider captured another currency',
    to: { 'psp-simulator': `UPDATE payment_intents SET currency = 'usd' WHERE id = 'pi_paid_attempt_1'` },
    found: { 'captures-equal-the-providers': /paid\.attempt\.1 is 2598 EUR with us and 2598 USD there/ },
  },
  {
    what: 'our capture bears the name of another one',
    to: { payment: `UPDATE attempts SET psp_reference = 'pi_other' WHERE id = ${attempt('paid', 1)}` },
    found: { 'captures-equal-the-providers': /paid\.attempt\.1 is pi_other with us and pi_paid_attempt_1 there/ },
  },
  {
    what: 'the provider never gave back what we say it has',
    to: { 'psp-simulator': `DELETE FROM refunds WHERE id = 're_late_refund_0'` },
    found: {
      'refunds-equal-the-providers': /late\.refund\.0 is given back in our books alone/,
      'provider-holds-nothing-of-ended-orders': /late\.order is expired, and the provider holds 2598/,
    },
  },
  {
    what: 'the provider gave back twice',
    to: {
      'psp-simulator': `INSERT INTO refunds (id, payment_intent, amount_minor, currency, status, metadata)
                        SELECT 're_twice', payment_intent, amount_minor, currency, status, metadata FROM refunds WHERE id = 're_reduced_refund_0'`,
    },
    found: { 'refunds-equal-the-providers': /reduced\.refund\.0 is given back by re_reduced_refund_0 and re_twice/ },
  },
  {
    what: 'the provider gave back what nobody asked back',
    to: { 'psp-simulator': `UPDATE refunds SET metadata = '{}' WHERE id = 're_reduced_refund_0'` },
    found: { 'refunds-equal-the-providers': /re_reduced_refund_0 \(succeeded, 500 EUR\) is of no refund of ours/ },
  },
  {
    what: 'the provider gave back another amount',
    to: { 'psp-simulator': `UPDATE refunds SET amount_minor = 499 WHERE id = 're_reduced_refund_0'` },
    found: { 'refunds-equal-the-providers': /reduced\.refund\.0 is 500 EUR with us and 499 EUR there/ },
  },
  {
    what: 'the provider gave back of another capture',
    to: { 'psp-simulator': `UPDATE refunds SET payment_intent = 'pi_paid_attempt_1' WHERE id = 're_reduced_refund_0'` },
    found: { 'refunds-equal-the-providers': /reduced\.refund\.0 is given back of pi_paid_attempt_1/ },
  },
  {
    what: 'the provider has failed a refund that we take for done',
    to: { 'psp-simulator': `UPDATE refunds SET status = 'failed' WHERE id = 're_reduced_refund_0'` },
    found: { 'refunds-equal-the-providers': /reduced\.refund\.0 is given back in our books alone/ },
  },
  {
    what: 'an order has no payment',
    to: {
      payment: `DELETE FROM payment_history WHERE payment_id = ${payment('open')}; DELETE FROM payments WHERE id = ${payment('open')}`,
    },
    found: { 'one-payment-per-order': /open\.order has 0 payments/ },
  },
  {
    what: 'an order has two payments',
    to: {
      payment: `INSERT INTO payments SELECT (jsonb_populate_record(payments, jsonb_build_object('id', ${payment('second')}))).* FROM payments WHERE id = ${payment('open')};
        INSERT INTO payment_history VALUES (${payment('second')}, 1, NULL, 'open', 'opened', now())`,
    },
    found: { 'one-payment-per-order': /open\.order has 2 payments/ },
  },
  {
    what: 'a payment is of no order',
    to: {
      payment: `INSERT INTO payments SELECT (jsonb_populate_record(payments, jsonb_build_object('id', ${payment('alone')}, 'order_id', ${order('alone')}))).*
                  FROM payments WHERE id = ${payment('open')};
                INSERT INTO payment_history VALUES (${payment('alone')}, 1, NULL, 'open', 'opened', now())`,
    },
    found: { 'one-payment-per-order': /alone\.order has a payment, and is no order/ },
  },
  {
    what: 'an order costs more than was captured',
    to: { order: `UPDATE orders SET total_minor = 2600 WHERE id = ${order('paid')}` },
    found: { 'captured-equals-total': /paid\.order costs 2600 EUR, and its payment is for 2598 EUR/ },
  },
  {
    what: 'an order is in another currency',
    to: { order: `UPDATE orders SET currency = 'USD' WHERE id = ${order('open')}` },
    found: { 'captured-equals-total': /open\.order costs 2598 USD, and its payment is for 2598 EUR/ },
  },
  {
    what: 'an order is paid without a capture',
    to: {
      order: `UPDATE orders SET status = 'paid', version = 2 WHERE id = ${order('open')};
              INSERT INTO order_history VALUES (${order('open')}, 2, 'awaiting_payment', 'paid', 'payment.captured.v1', now())`,
    },
    found: {
      'paid-means-captured': /open\.order is paid by 0 captures/,
      'customers-are-told': /open\.order was told order-placed, and what happened is order-paid, order-placed/,
    },
  },
  {
    what: 'an order awaits what was captured',
    to: {
      order: `UPDATE orders SET status = 'awaiting_payment', version = 1, payment_deadline = now() WHERE id = ${order('paid')};
              DELETE FROM order_history WHERE order_id = ${order('paid')} AND sequence = 2`,
    },
    found: {
      'paid-means-captured': /paid\.order awaits the payment that was captured/,
      'customers-are-told': /paid\.order was told order-paid, order-placed, and what happened is order-placed/,
    },
  },
  {
    what: 'the payment of a cancelled order is still open',
    to: {
      payment: `UPDATE payments SET status = 'open', version = 1 WHERE id = ${payment('cancelled')};
                DELETE FROM payment_history WHERE payment_id = ${payment('cancelled')} AND sequence = 2`,
    },
    found: { 'ended-payments-are-closed': /cancelled\.order is cancelled, and its payment is open/ },
  },
  {
    what: 'late money is still here',
    to: {
      payment: `UPDATE payments SET status = 'captured', version = 4, refund_requested_minor = 0 WHERE id = ${payment('late')};
                DELETE FROM payment_history WHERE payment_id = ${payment('late')} AND sequence > 4;
                DELETE FROM refunds WHERE id = ${refund('late')};
                DELETE FROM ledger_entries WHERE transaction_id = ${refund('late')}`,
      'psp-simulator': `DELETE FROM refunds WHERE id = 're_late_refund_0'`,
    },
    found: {
      'ended-payments-are-closed': /late\.order is expired, and its payment is captured/,
      'ended-customers-are-owed-nothing': /late\.order is expired, and the balance of its customer is -2598/,
      'provider-holds-nothing-of-ended-orders': /late\.order is expired, and the provider holds 2598/,
    },
  },
  {
    what: 'a transaction of the ledger does not sum to zero',
    to: {
      payment: `UPDATE ledger_entries SET amount_minor = -2597 WHERE transaction_id = ${attempt('paid', 1)} AND account = 'customer'`,
    },
    found: {
      'ledger-balances': /paid\.attempt\.1 sums to 1 EUR/,
      'ledger-books-captures-and-refunds': /paid\.attempt\.1 is missing with -2598 EUR on the account customer/,
    },
  },
  {
    what: 'a capture is not in the ledger',
    to: { payment: `DELETE FROM ledger_entries WHERE transaction_id = ${attempt('paid', 1)}` },
    found: { 'ledger-books-captures-and-refunds': /paid\.attempt\.1 is missing with 2598 EUR on the account provider/ },
  },
  {
    what: 'a capture is booked twice',
    to: {
      payment: booking('paid', idOf('paid.attempt.1'), total),
    },
    found: {
      'ledger-books-captures-and-refunds': /paid\.attempt\.1 is booked with 5196 EUR on the account provider/,
      'captured-equals-total': /paid\.order costs 2598 EUR, and 5196 EUR were captured/,
    },
  },
  {
    what: 'something is booked that never happened',
    to: { payment: booking('cancelled', idOf('nothing'), -total) },
    found: {
      'ledger-books-captures-and-refunds': /nothing is booked with -2598 EUR on the account provider, for nothing/,
      'ended-customers-are-owed-nothing': /cancelled\.order is cancelled, and the balance of its customer is 2598/,
    },
  },
  {
    what: 'a refund is not on the record of its payment',
    to: { payment: `UPDATE payments SET refund_requested_minor = 0 WHERE id = ${payment('reduced')}` },
    found: { 'refunds-stay-within-captures': /reduced\.payment 500 minor units are asked back, and 0 are on record/ },
  },
  {
    what: 'more goes back than was captured',
    to: {
      payment: `UPDATE payments SET refund_requested_minor = 3098 WHERE id = ${payment('late')};
                INSERT INTO refunds (id, payment_id, amount_minor, currency, reason, status, at, retry_at)
                VALUES (${refund('late', 1)}, ${payment('late')}, 500, 'EUR', 'operator', 'pending', now(), now())`,
    },
    found: { 'refunds-stay-within-captures': /late\.payment 3098 of 2598 minor units are asked back/ },
  },
  {
    what: 'an order moves as it may not',
    to: {
      order: `UPDATE orders SET status = 'expired' WHERE id = ${order('cancelled')};
              UPDATE order_history SET to_status = 'expired' WHERE order_id = ${order('cancelled')} AND sequence = 2`,
    },
    found: {
      'order-moves-are-legal': /cancelled\.order moved from awaiting_payment to expired by customer, row 2/,
      'customers-are-told': /cancelled\.order was told order-cancelled, order-placed, and what happened is order-expired, order-placed/,
    },
  },
  {
    what: 'an order ends twice',
    to: {
      order: `UPDATE orders SET version = 4 WHERE id = ${order('expired')};
              INSERT INTO order_history VALUES (${order('expired')}, 3, 'expired', 'awaiting_payment', 'customer', now()),
                                               (${order('expired')}, 4, 'awaiting_payment', 'expired', 'deadline', now())`,
    },
    found: {
      'order-ends-are-final': /expired\.order became expired 2 times/,
      'order-moves-are-legal': /expired\.order moved from expired to awaiting_payment by customer, row 3/,
      'customers-are-told': /expired\.order was told/,
    },
  },
  {
    what: 'the history of an order has a gap',
    to: {
      order: `UPDATE order_history SET sequence = 3 WHERE order_id = ${order('paid')} AND sequence = 2; UPDATE orders SET version = 3 WHERE id = ${order('paid')}`,
    },
    found: { 'order-histories-are-whole': /paid\.order has row 3 after row 1/ },
  },
  {
    what: 'an order is in another state than its history',
    to: { order: `UPDATE orders SET version = 3 WHERE id = ${order('paid')}` },
    found: { 'order-histories-are-whole': /paid\.order is paid in version 3, and its history ends with paid in row 2/ },
  },
  {
    what: 'an order has no history',
    to: { order: `DELETE FROM order_history WHERE order_id = ${order('open')}` },
    found: {
      'order-histories-are-whole': /open\.order has no history/,
      'customers-are-told': /open\.order was told order-placed, and what happened is nothing/,
    },
  },
  {
    what: 'a payment moves as it may not',
    to: { payment: `UPDATE payment_history SET cause = 'captured' WHERE payment_id = ${payment('cancelled')} AND sequence = 2` },
    found: { 'payment-moves-are-legal': /cancelled\.payment moved from open to voided by captured, row 2/ },
  },
  {
    what: 'the history of a payment lost its beginning',
    to: { payment: `DELETE FROM payment_history WHERE payment_id = ${payment('paid')} AND sequence = 1` },
    found: { 'payment-histories-are-whole': /paid\.payment has a history that begins with row 2, from open/ },
  },
  {
    what: 'a payment jumps in its history',
    to: {
      payment: `UPDATE payment_history SET from_status = 'captured', cause = 'order_ended', to_status = 'captured' WHERE payment_id = ${payment('expired')} AND sequence = 3`,
    },
    found: { 'payment-histories-are-whole': /expired\.payment comes from captured in row 3, and was authorising/ },
  },
  {
    what: 'a payment ends twice',
    to: {
      payment: `UPDATE payments SET version = 4 WHERE id = ${payment('cancelled')};
                INSERT INTO payment_history VALUES (${payment('cancelled')}, 3, 'voided', 'open', 'declined', now()),
                                                   (${payment('cancelled')}, 4, 'open', 'voided', 'order_ended', now())`,
    },
    found: {
      'payment-ends-are-final': /cancelled\.payment became voided 2 times/,
      'payment-moves-are-legal': /cancelled\.payment moved from voided to open by declined, row 3/,
    },
  },
  {
    what: 'a deadline was missed',
    to: { order: `UPDATE orders SET payment_deadline = now() - interval '90 s' WHERE id = ${order('open')}` },
    found: {
      'deadlines-are-kept': /open\.order awaits its payment 9\d s after its deadline/,
      'delays-are-accounted-for': /^1 of 3 waiting messages/,
    },
  },
  {
    what: 'a payment is in review',
    to: {
      payment: `UPDATE payments SET status = 'review', version = 3 WHERE id = ${payment('asked')};
                INSERT INTO payment_history VALUES (${payment('asked')}, 3, 'authorising', 'review', 'contradicted', now())`,
    },
    found: { 'no-payment-is-in-review': /asked\.payment of order asked\.order is in review/ },
  },
  {
    what: 'nobody is going to look for an attempt',
    to: { payment: `UPDATE attempts SET reconcile_at = NULL WHERE id = ${attempt('asked')}` },
    found: { 'no-payment-is-forgotten': /asked\.attempt\.0 is unknown at a payment that is authorising, and nobody/ },
  },
  {
    what: 'an attempt should have been looked for long ago',
    to: { payment: `UPDATE attempts SET reconcile_at = now() - interval '2 minutes' WHERE id = ${attempt('asked')}` },
    found: { 'no-payment-is-forgotten': /asked\.attempt\.0 is unknown at a payment that is authorising, and should have/ },
  },
  {
    what: 'a payment is authorising for no attempt',
    to: { payment: `UPDATE attempts SET outcome = 'declined' WHERE id = ${attempt('asked')}` },
    found: { 'no-payment-is-forgotten': /asked\.payment is authorising without an open attempt/, 'delays-are-accounted-for': /^1 of 3/ },
  },
  {
    what: 'nobody is going to ask for a refund',
    to: {
      payment: `UPDATE payments SET status = 'refunding', version = 5 WHERE id = ${payment('late')};
                DELETE FROM payment_history WHERE payment_id = ${payment('late')} AND sequence = 6;
                UPDATE refunds SET status = 'pending' WHERE id = ${refund('late')};
                DELETE FROM ledger_entries WHERE transaction_id = ${refund('late')}`,
      'psp-simulator': `UPDATE refunds SET status = 'pending', decides_at = now() WHERE id = 're_late_refund_0'`,
    },
    found: {
      'no-payment-is-forgotten': /late\.refund\.0 is pending, and nobody is going to ask for it/,
      'ended-payments-are-closed': /late\.order is expired, and its payment is refunding/,
      'ended-customers-are-owed-nothing': /late\.order/,
      'provider-holds-nothing-of-ended-orders': /late\.order/,
    },
  },
  {
    what: 'the provider spoke of something that we do not know',
    to: {
      payment: `INSERT INTO psp_events (id, type, attempt_id, news, created_at)
                VALUES ('evt_1', 'payment_intent.succeeded', ${attempt('stranger')}, '{}', now())`,
    },
    found: { 'provider-events-are-applied': /evt_1 \(payment_intent\.succeeded\) is about stranger\.attempt\.0/ },
  },
  {
    what: 'two keys of a customer stand for one order',
    to: { order: `UPDATE idempotency_keys SET body = '{"id":"${idOf('paid.order')}"}' WHERE key = 'key-open'` },
    found: {
      'one-order-per-key': /paid\.order has the keys key-open and key-paid/,
      'every-order-has-its-key': /open\.order of alice has no key/,
    },
  },
  {
    what: 'a key stands for two orders',
    to: {
      order: `UPDATE idempotency_keys SET key = 'key-paid' WHERE key = 'key-open'`,
    },
    found: { 'one-order-per-key': /customer:alice key-paid stands for 2 orders/ },
  },
  {
    what: 'a key stands for no order',
    to: { order: `UPDATE idempotency_keys SET body = '{"id":"${idOf('nothing')}"}' WHERE key = 'key-open'` },
    found: {
      'one-order-per-key': /customer:alice key-open stands for nothing, which is no order/,
      'every-order-has-its-key': /open\.order/,
    },
  },
  {
    what: 'a key stands for the order of somebody else',
    to: { order: `UPDATE idempotency_keys SET caller = 'customer:bob' WHERE key = 'key-open'` },
    found: { 'one-order-per-key': /customer:bob key-open stands for open\.order, which is an order of alice/ },
  },
  {
    what: 'an order was placed without its key',
    to: { order: `DELETE FROM idempotency_keys WHERE key = 'key-open'` },
    found: { 'every-order-has-its-key': /open\.order of alice has no key/ },
  },
  ...(['order', 'payment', 'notification'] as const).flatMap((name): Harm[] => [
    {
      what: `a consumer of ${name} handled a message twice`,
      to: { [name]: 'INSERT INTO inbox SELECT * FROM inbox LIMIT 1' },
      found: { 'one-effect-per-message': new RegExp(`was handled 2 times by ${name}\\.`) },
    },
    {
      what: `a message waits in the outbox of ${name}`,
      to: { [name]: outboxRow },
      found: { 'outboxes-are-drained': new RegExp(`\\(order\\.paid\\.v1\\) waits in the outbox of ${name}$`) },
    },
    {
      what: `a message is parked by ${name}`,
      to: {
        [name]: `INSERT INTO outbox_parked (id, type, headers, body, attempts, error, at)
                 VALUES (gen_random_uuid(), 'order.paid.v1', '{}', '{}', 9, 'too large', now())`,
      },
      found: { 'nothing-is-parked': new RegExp(`\\(order\\.paid\\.v1\\) is parked by ${name}: too large`) },
    },
  ]),
  {
    what: 'a customer was told of an event twice',
    to: {
      notification: `INSERT INTO notifications SELECT (jsonb_populate_record(notifications, jsonb_build_object('id', gen_random_uuid()))).* FROM notifications
         WHERE event_id = '${idOf('paid.payment-declined')}'`,
    },
    found: { 'one-notice-per-event': /paid\.payment-declined was told 2 times by email/ },
  },
  {
    what: 'a notice was never sent',
    to: { notification: `UPDATE notifications SET status = 'pending', sent_at = NULL WHERE event_id = '${idOf('paid.order-paid')}'` },
    found: { 'notices-are-sent': /of order paid\.order is pending/ },
  },
  {
    what: 'a customer was never told',
    to: { notification: `DELETE FROM notifications WHERE event_id = '${idOf('paid.order-paid')}'` },
    found: { 'customers-are-told': /paid\.order was told order-placed, and what happened is order-paid, order-placed/ },
  },
  {
    what: 'a customer was told, long ago, what did not happen',
    to: {
      order: longAgo('paid'),
      notification: `UPDATE notifications SET kind = 'order-expired' WHERE event_id = '${idOf('paid.order-paid')}'`,
    },
    found: { 'customers-are-told': /paid\.order was told order-expired, order-placed, and what happened is order-paid, order-placed/ },
  },
  {
    what: 'messages wait in a work queue',
    to: {},
    left: { 'order.settle-order': 2 },
    found: { 'work-queues-are-empty': /order\.settle-order has 2 messages ready and 0 with its consumer/ },
  },
  {
    what: 'a message is retried',
    to: {},
    left: { 'orderly.delay.lane-600': 1 },
    found: { 'delays-are-accounted-for': /^1 of 4 waiting messages .*\(1 in orderly\.delay\.lane-600, 3 in orderly\.delay\.lane-900\)/ },
  },
  {
    what: 'a message was given up',
    to: {},
    left: { 'orderly.dead-letters': 1 },
    found: { 'no-dead-letters': /orderly\.dead-letters: order\.paid\.v1 0199b3a0-0000-7000-8000-000000000001/ },
  },
  ...['parked', 'replaying'].map((status): Harm => ({
    what: `a dead letter is ${status}`,
    to: { console: letterRow('stranger', status) },
    found: {
      'dead-letters-are-decided': new RegExp(
        `stranger\\.order \\(payment\\.captured\\.v1\\) of order\\.settle-order is ${status}: Error: #`,
      ),
    },
  })),
  {
    what: 'a replay waits in the outbox of the console',
    to: { console: outboxRow },
    found: { 'outboxes-are-drained': /\(order\.paid\.v1\) waits in the outbox of console$/ },
  },
];

/** An order of a time from which what was told of it may be forgotten. */
function longAgo(story: string): string {
  const ago = `interval '${shortestInboxDays + 1} days'`;
  return `UPDATE orders SET placed_at = placed_at - ${ago}, payment_deadline = payment_deadline - ${ago} WHERE id = ${order(story)};
          UPDATE order_history SET at = at - ${ago} WHERE order_id = ${order(story)}`;
}

/** Only with services to ask: see `verified-world.int.spec.ts`. */
const aboutTheApi = ['listed-orders-equal-sql', 'shown-payments-equal-sql'];

describe('verify', () => {
  let books: HealthyBooks;
  let vhost: TestVhost;
  let healthy: System;

  beforeAll(async () => {
    [books, vhost] = await Promise.all([HealthyBooks.write(), testVhost('verify')]);
    await declareQueues(vhost.url);
    // The deadlines of two orders and a look for an outcome are ahead.
    await leave(vhost.url, 'orderly.delay.lane-900', 3);
    healthy = { databaseUrls: books.urls, rabbitmq: { url: vhost.url, managementUrl: vhost.managementUrl }, legalMoves };
  });
  afterEach(() => books.heal());
  afterAll(async () => {
    await books.drop();
    await vhost.drop();
  });

  it('finds nothing wrong with a healthy world, and says how much it looked at', async () => {
    const results = await verify(healthy);
    expect(complaints(results)).toEqual({});
    expect(results.map(({ name }) => name)).toEqual(checks.map(({ name }) => name));
    expect(results.filter(({ skipped }) => skipped).map(({ name }) => name)).toEqual(aboutTheApi);
    const untouched = results.filter(({ checked, skipped }) => checked === 0 && !skipped);
    expect(untouched.map(({ name }) => name)).toEqual(['no-dead-letters']);
  });

  it.each(harms)('finds that $what', async ({ to, left = {}, found }) => {
    const databaseUrls = await books.harmed(to);
    for (const [queue, messages] of Object.entries(left)) await leave(vhost.url, queue, messages);
    try {
      const wrong = complaints(await verify({ ...healthy, databaseUrls }));
      expect(Object.keys(wrong).toSorted()).toEqual(Object.keys(found).toSorted());
      for (const [name, words] of Object.entries(found)) expect(wrong[name]?.join('\n')).toMatch(new RegExp(words.source, 'm'));
    } finally {
      for (const queue of Object.keys(left)) await vhost.purge(queue);
    }
  });

  it('finds nothing wrong with what was forgotten after its time', async () => {
    const databaseUrls = await books.harmed({
      order: `${longAgo('paid')}; DELETE FROM idempotency_keys WHERE key = 'key-paid'; DELETE FROM inbox`,
      payment: 'DELETE FROM inbox; DELETE FROM psp_events',
      notification: `DELETE FROM inbox; DELETE FROM notifications WHERE event_id = '${idOf('paid.order-placed')}'`,
      console: 'DELETE FROM dead_letters',
    });
    expect(complaints(await verify({ ...healthy, databaseUrls }))).toEqual({});
  });

  it('can find a violation of every check', () => {
    const caught = new Set(harms.flatMap(({ found }) => Object.keys(found)));
    expect(checks.map(({ name }) => name).filter((name) => !caught.has(name))).toEqual(aboutTheApi);
  });

  it('names the first offenders and counts them all', async () => {
    const databaseUrls = await books.harmed({
      payment: `INSERT INTO psp_events (id, type, attempt_id, news, created_at)
                SELECT 'evt_' || n, 'payment_intent.succeeded', gen_random_uuid(), '{}', now() FROM generate_series(1, 12345) AS n`,
      order: `INSERT INTO inbox (consumer, message_id) SELECT 'order.settle-order', gen_random_uuid() FROM generate_series(1, 7000);
              INSERT INTO inbox SELECT * FROM inbox`,
    });
    const results = await verify({ ...healthy, databaseUrls });
    const result = (name: string) => results.find((one) => one.name === name);
    expect(result('provider-events-are-applied')).toMatchObject({ checked: 12345 + storyNames.length, violations: 12345 });
    expect(result('provider-events-are-applied')?.offenders).toHaveLength(20);
    // These come through a cursor, in several fetches.
    expect(result('one-effect-per-message')).toMatchObject({ violations: 7000 + storyNames.length });
    expect(result('one-effect-per-message')?.offenders).toHaveLength(20);
  });

  it('leaves out, out loud, what needs a part that was not given', async () => {
    const { 'psp-simulator': _, console: __, ...databaseUrls } = healthy.databaseUrls;
    const results = await verify({ databaseUrls, legalMoves });
    const skipped = results.filter((result) => result.skipped !== undefined);
    expect(new Set(skipped.map((result) => result.skipped))).toEqual(
      new Set([
        "the provider's own books were not given",
        'the database of the console was not given',
        'the broker was not given',
        'the address of the order service was not given',
        'the address of the payment service was not given',
      ]),
    );
    expect(violationsIn(results)).toBe(0);
  });

  it('makes the checks that were asked for, and refuses to make none', async () => {
    const results = await verify(healthy, { only: ({ holds }) => holds === 'always' });
    expect(results.map(({ name }) => name)).toContain('ledger-balances');
    expect(results.map(({ name }) => name)).not.toContain('outboxes-are-drained');
    await expect(verify(healthy, { only: ({ name }) => name === 'ledger-balance' })).rejects.toThrow('no check was selected');
  });

  it('checks again until the services are done', async () => {
    await leave(vhost.url, 'order.settle-order', 1);
    const looking = verifyEventually(healthy, 20_000);
    await vhost.take('order.settle-order');
    expect(complaints(await looking)).toEqual({});
  });

  it('gives back the last results when the time is up', async () => {
    const databaseUrls = await books.harmed({ order: outboxRow });
    const results = await verifyEventually({ ...healthy, databaseUrls }, 400, { only: ({ name }) => name === 'outboxes-are-drained' });
    expect(violationsIn(results)).toBe(1);
  });

  it('says what cannot be reached', async () => {
    const nobody = 'postgres://nobody@127.0.0.1:1/nothing';
    const without = (changes: Partial<System>) => verify({ ...healthy, ...changes });
    await expect(without({ databaseUrls: { ...healthy.databaseUrls, payment: nobody } })).rejects.toThrow(
      /^the database of payment cannot be reached: .*ECONNREFUSED/,
    );
    await expect(without({ rabbitmq: { url: 'amqp://127.0.0.1:1', managementUrl: vhost.managementUrl } })).rejects.toThrow(
      /^RabbitMQ cannot be reached/,
    );
    await expect(without({ rabbitmq: { url: vhost.url, managementUrl: 'http://a:b@127.0.0.1:1' } })).rejects.toThrow(
      /^RabbitMQ's management API cannot/,
    );
    const away = { order: 'http://127.0.0.1:1', payment: 'http://127.0.0.1:1' };
    await expect(without({ baseUrls: away })).rejects.toThrow(Unreachable);
  });
});

/** What each check complains of, with our names in the place of ids. */
function complaints(results: readonly CheckResult[]): Record<string, string[]> {
  const offending = results.filter(({ violations }) => violations > 0);
  return Object.fromEntries(offending.map(({ name, offenders }) => [name, offenders.map(withNames)]));
}

const named = new Map(
  [...storyNames, 'alone', 'second', 'stranger'].flatMap((story) =>
    ['order', 'payment', 'payment-declined', 'attempt.0', 'attempt.1', 'attempt.9', 'refund.0', 'refund.1'].map((part) => [
      idOf(`${story}.${part}`),
      `${story}.${part}`,
    ]),
  ),
).set(idOf('nothing'), 'nothing');

function withNames(line: string): string {
  return line.replaceAll(/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, (id) => named.get(id) ?? id);
}

async function declareQueues(url: string): Promise<void> {
  const connection = await connect(url);
  try {
    const channel = await connection.createChannel();
    for (const { name, arguments: given } of declarationsOf(topology).queues)
      await channel.assertQueue(name, { durable: true, arguments: given });
  } finally {
    await connection.close();
  }
}

async function leave(url: string, queue: string, messages: number): Promise<void> {
  const connection = await connect(url);
  try {
    const channel = await connection.createConfirmChannel();
    const headers = {
      cloudEvents_type: 'order.paid.v1',
      cloudEvents_id: '0199b3a0-0000-7000-8000-000000000001',
      cloudEvents_source: '/order',
      cloudEvents_subject: '0199b3a0-0000-7000-8000-000000000002',
      cloudEvents_time: '2026-11-22T12:00:00.000Z',
    };
    for (let sent = 0; sent < messages; sent += 1) channel.sendToQueue(queue, Buffer.from('{}'), { headers });
    await channel.waitForConfirms();
  } finally {
    await connection.close();
  }
}
