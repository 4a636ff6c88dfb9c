/** A deliberate bug. */
export interface Mutant {
  readonly name: string;
  /** What it would do to somebody's money. */
  readonly why: string;
  readonly file: string;
  /** Occurs exactly once in the file. */
  readonly find: string;
  readonly replace: string;
}

const capturePayment = 'apps/payment/src/capture-payment/capture-payment.consumer.ts';
const reconcilePayments = 'apps/payment/src/reconcile-payments/reconcile-payments.consumer.ts';
const refundPayment = 'apps/payment/src/refund-payment/refund-payment.consumer.ts';
const openPayment = 'apps/payment/src/open-payment/open-payment.consumer.ts';
const stripePsp = 'apps/payment/src/psp/stripe-psp.ts';
const pspEvents = 'apps/payment/src/psp/psp-events.ts';
const unsettledPayments = 'apps/payment/src/reconcile-payments/unsettled-payments.ts';
const payments = 'apps/payment/src/payment/payments.ts';
const paymentState = 'apps/payment/src/payment/payment-state.ts';
const judgeCapture = 'apps/payment/src/payment/judge-capture.ts';
const judgeRefund = 'apps/payment/src/payment/judge-refund.ts';
const settleAttempts = 'apps/payment/src/payment/settle-attempts.ts';
const settleRefunds = 'apps/payment/src/payment/settle-refunds.ts';
const moveOrders = 'apps/order/src/order/move-orders.ts';
const orderState = 'apps/order/src/order/order-state.ts';
const settleOrder = 'apps/order/src/settle-order/settle-order.consumer.ts';
const expireOrder = 'apps/order/src/expire-order/expire-order.consumer.ts';
const overdueOrders = 'apps/order/src/expire-order/overdue-orders.ts';
const inbox = 'libs/messaging/src/inbox.ts';
const outbox = 'libs/messaging/src/outbox.ts';

/** What the model-based test must catch, each by one of its invariants. */
export const mutants: readonly Mutant[] = [
  {
    name: 'no-inbox',
    why: 'A message that comes twice does its work twice.',
    file: inbox,
    find: 'ON CONFLICT DO NOTHING RETURNING message_id`,\n    [consumer, ids],\n  );\n  return new Set(rows.map((row) => row.message_id));',
    replace:
      'ON CONFLICT DO NOTHING RETURNING message_id`,\n    [consumer, ids],\n  );\n  return new Set([...ids, ...rows.map((row) => row.message_id)]);',
  },
  {
    name: 'inbox-outside-the-transaction',
    why: 'A crash before the commit loses the message: its repeat is taken for a duplicate.',
    file: inbox,
    find: 'const rows: { message_id: string }[] = await manager.query(\n    `INSERT INTO inbox',
    replace: 'const rows: { message_id: string }[] = await manager.connection.query(\n    `INSERT INTO inbox',
  },
  {
    name: 'registered-before-the-answer',
    why: 'A crash between the question and its outcome forgets the question.',
    file: inbox,
    find: 'const settled = fresh.filter((message) => !intents.has(message));',
    replace: 'const settled = fresh;',
  },
  {
    name: 'outbox-outside-the-transaction',
    why: 'What was rolled back is said all the same: a refund of money for an order that never moved.',
    file: outbox,
    find: 'await this.manager.query(\n      `INSERT INTO outbox (id, type, headers, body, due_at)',
    replace: 'await this.manager.connection.query(\n      `INSERT INTO outbox (id, type, headers, body, due_at)',
  },
  {
    name: 'outbox-after-the-commit',
    why: 'A crash right after the commit loses what was to be said.',
    file: outbox,
    find: 'outboxWritten = open.writeOutbox();',
    replace:
      'outboxWritten = Promise.resolve([]);\n          open.afterCommit(() => void Object.assign(open, { manager: this.dataSource.manager }).writeOutbox());',
  },
  {
    name: 'key-per-call',
    why: 'Asked again after a lost answer, the provider captures a second time.',
    file: stripePsp,
    find: 'confirm: true },\n        { idempotencyKey: request.attemptId },',
    replace: 'confirm: true },\n        { idempotencyKey: crypto.randomUUID() },',
  },
  {
    name: 'refund-key-per-call',
    why: 'Asked again after a lost answer, the provider gives the same part back a second time.',
    file: stripePsp,
    find: '{ idempotencyKey: refundId },',
    replace: '{ idempotencyKey: crypto.randomUUID() },',
  },
  {
    name: 'give-up-without-fence',
    why: 'A question that is still on its way captures after we have called the attempt declined.',
    file: stripePsp,
    find: '    // Takes the key, so that',
    replace:
      "    const seen = await this.lookUp(request);\n    if (!seen) return { outcome: 'declined', declineCode: 'order_ended' };\n    // Takes the key, so that",
  },
  {
    name: 'never-cancelled',
    why: 'An order has ended, and its customer can still confirm the payment.',
    file: stripePsp,
    find: 'stripe.paymentIntents.cancel(reference)',
    replace: 'stripe.paymentIntents.retrieve(reference)',
  },
  {
    name: 'expired-key-asked-again',
    why: 'The provider has forgotten the key after a day, and captures a second time.',
    file: capturePayment,
    find: 'Date.now() - askedAt.getTime() > keyLifetimeMs',
    replace: 'Date.now() < 0',
  },
  {
    name: 'ended-order-captured',
    why: 'An order that has ended is captured all the same, again and again until the key is forgotten.',
    file: capturePayment,
    find: 'const { amount, orderEnded: giveUp } = payment;',
    replace: 'const { amount } = payment;\n        const giveUp = false;',
  },
  {
    name: 'declined-asked-again',
    why: 'A decline is final for its attempt; asked again it stands in the way of the next method.',
    file: capturePayment,
    find: "payment.status !== 'authorising' || !isUnsettled(attempt)",
    replace: "payment.status !== 'authorising'",
  },
  {
    name: 'not-marked-as-asked',
    why: 'An order ends, and an attempt that the provider has heard of is called declined without asking it.',
    file: capturePayment,
    find: 'tx.withCommit(markAsked(tx.manager, asked), ',
    replace: 'tx.withCommit(Promise.resolve(asked), ',
  },
  {
    name: 'reconcile-never-looks',
    why: 'A capture whose answer was an error is never found: the customer has paid and does not get the goods.',
    file: reconcilePayments,
    find: 'if (found) return found;',
    replace: 'if (found && Date.now() < 0) return found;',
  },
  {
    name: 'not-found-is-declined',
    why: 'A search that lags, or a question still on its way, is taken for a decline, and the customer pays twice.',
    file: reconcilePayments,
    find: 'askedAt && Date.now() - askedAt.getTime() > keyLifetimeMs + questionTravelMs',
    replace: 'Boolean(askedAt)',
  },
  {
    name: 'undecided-never-given-up',
    why: 'An order has ended, and its customer can still confirm the payment.',
    file: reconcilePayments,
    find: "const undecided = answer.outcome === 'processing' && intent.orderEnded;",
    replace: 'const undecided = false;',
  },
  {
    name: 'sweeper-skips-attempts',
    why: 'A lost message leaves an attempt open for ever.',
    file: unsettledPayments,
    find: "WHERE outcome IN ('pending', 'unknown') AND payments.status = 'authorising'",
    replace: "WHERE outcome IN ('unknown') AND payments.status = 'open'",
  },
  {
    name: 'sweeper-skips-refunds',
    why: 'A lost message keeps the customer’s money for ever.',
    file: unsettledPayments,
    find: "payments.status IN ('captured', 'refunding')",
    replace: "payments.status IN ('refunded')",
  },
  {
    name: 'sweeper-skips-orders',
    why: 'A lost timer leaves an order waiting for ever, and it can be paid after its deadline.',
    file: overdueOrders,
    find: "status = 'awaiting_payment' AND payment_deadline <=",
    replace: "status = 'awaiting_payment' AND 'infinity' <=",
  },
  {
    name: 'unknown-is-declined',
    why: 'The provider may have captured it, and the customer is told to pay again.',
    file: judgeCapture,
    find: "return awaited ? { kind: 'open', changes: { outcome: 'unknown', pspReference: attempt.pspReference } } : tooLate;",
    replace:
      "return awaited ? { kind: 'settled', cause: 'declined', changes: { outcome: 'declined', declineCode: 'unknown', pspReference: null } } : tooLate;",
  },
  {
    name: 'decline-undoes-everything',
    why: 'A late decline moves what has long been settled.',
    file: judgeCapture,
    find: "return awaited ? { kind: 'settled', cause: 'declined', changes } : tooLate;",
    replace: "return { kind: 'settled', cause: 'declined', changes };",
  },
  {
    name: 'declined-retried',
    why: 'A decline is asked for again and again, and no other method can be tried.',
    file: judgeCapture,
    find: "return awaited ? { kind: 'settled', cause: 'declined', changes } : tooLate;",
    replace: "return awaited ? { kind: 'open', changes: { outcome: 'unknown', pspReference: changes.pspReference } } : tooLate;",
  },
  {
    name: 'contradiction-believed',
    why: 'An order is paid by a capture of another amount.',
    file: judgeCapture,
    find: 'amount.amountMinor === asked.amountMinor &&',
    replace: 'amount.amountMinor >= 0 && asked.amountMinor >= 0 &&',
  },
  {
    name: 'late-capture-ignored',
    why: 'Money that the provider captured after all stays with it.',
    file: judgeCapture,
    find: "(awaited || (attempt.outcome === 'declined' && payment.status === 'voided'))",
    replace: 'awaited',
  },
  {
    name: 'refund-error-is-final',
    why: 'A refund that is still on its way is handed to a person.',
    file: judgeRefund,
    find: "    case 'processing':\n      return { kind: 'open', reference: answer.reference };",
    replace: "    case 'processing':\n      return { kind: 'contradicted' };",
  },
  {
    name: 'nobody-looks-again',
    why: 'What the provider left open is left to the sweeper, for minutes.',
    file: settleAttempts,
    find: 'if ((attempt.lookAgainInSeconds ?? 0) > 0) return;',
    replace: 'if (attempt.lookups >= 0) return;',
  },
  {
    name: 'capture-not-booked',
    why: 'The ledger does not know of money that the provider holds.',
    file: settleAttempts,
    find: "if (verdict.cause === 'captured') {",
    replace: "if (verdict.cause === 'captured' && causedBy) {",
  },
  {
    name: 'refund-forgotten-when-open',
    why: 'A refund without an answer is never asked for again.',
    file: settleRefunds,
    find: 'if ((refund.retryInSeconds ?? 0) > 0) return;',
    replace: 'if (refund.tries >= 0) return;',
  },
  {
    name: 'refund-asked-without-looking',
    why: 'A refund that was done and answered with an error is asked for under a forgotten key, and given twice.',
    file: refundPayment,
    find: "const found = asked ? await timePspRequest('find_refund', () => this.psp.findRefund(request)) : undefined;",
    replace: 'const found = asked ? undefined : undefined;',
  },
  {
    name: 'refund-not-reserved',
    why: 'Two part refunds together give back more than was captured.',
    file: payments,
    find: '    this.refundRequestedMinor += amountMinor;\n',
    replace: '',
  },
  {
    name: 'refund-not-reserved-on-disk',
    why: 'The next request does not know what was asked back before.',
    file: payments,
    find: '            refund_requested_minor = changed.refund_requested_minor\n',
    replace: '            refund_requested_minor = payments.refund_requested_minor\n',
  },
  {
    name: 'part-refund-counts-as-whole',
    why: 'An order of which a part went back is called refunded.',
    file: settleOrder,
    find: "if (message.type === 'payment.refunded.v1' && (message.data.left?.amountMinor ?? 0) > 0) continue;",
    replace: '',
  },
  {
    name: 'refund-overtakes-capture',
    why: 'An order is paid after its money has gone back.',
    file: settleOrder,
    find: '      refuseToOvertake(order, message);\n',
    replace: '',
  },
  {
    name: 'webhook-not-deduplicated',
    why: 'The provider sends an event until it is taken, and each copy counts.',
    file: pspEvents,
    find: "if (taken.length === 0) return 'duplicate';",
    replace: '',
  },
  {
    name: 'payments-not-locked',
    why: 'The answer and the webhook settle the same attempt at once.',
    file: payments,
    find: 'ORDER BY id FOR UPDATE`',
    replace: 'ORDER BY id`',
  },
  {
    name: 'orders-not-locked',
    why: 'A capture and a cancellation decide the same order at once.',
    file: moveOrders,
    find: 'ORDER BY id FOR UPDATE`',
    replace: 'ORDER BY id`',
  },
  {
    name: 'opened-meanwhile-unnoticed',
    why: 'The end of an order comes with its beginning and is lost: it can be paid for ever.',
    file: payments,
    find: 'if (inserted.length < payments.length) throw new OpenedMeanwhile();',
    replace: '',
  },
  {
    name: 'order-ended-forgotten',
    why: 'The payment of an order that has ended stays open.',
    file: openPayment,
    find: "payment.apply('order_ended');",
    replace: '',
  },
  {
    name: 'end-not-remembered',
    why: 'A decline after the end reopens the payment of an order that is gone.',
    file: paymentState,
    find: "orderEnded: state.orderEnded || cause === 'order_ended',",
    replace: 'orderEnded: state.orderEnded,',
  },
  {
    name: 'late-money-kept',
    why: 'Money that comes after the deadline is kept.',
    file: orderState,
    find: "{ from: 'expired', cause: 'payment.captured.v1', to: 'expired', says: ['payment.refund.v1'] },",
    replace: "{ from: 'expired', cause: 'payment.captured.v1', to: 'expired', says: [] },",
  },
  {
    name: 'cancelled-after-payment-kept',
    why: 'The customer cancels a paid order, and its money is kept.',
    file: orderState,
    find: "says: ['order.cancelled.v1', 'payment.refund.v1'] },",
    replace: "says: ['order.cancelled.v1'] },",
  },
  {
    name: 'random-refund-id',
    why: 'Asked for twice, late money would be two refunds.',
    file: moveOrders,
    find: 'refundId: causedBy?.id ?? uuidv7(),',
    replace: 'refundId: uuidv7(),',
  },
  {
    name: 'expires-without-the-clock',
    why: 'A timer that comes early takes the order from its customer.',
    file: expireOrder,
    find: "if (order.deadlineIsPast) moves.make(order, 'deadline', message);",
    replace: "if (order.version > 0) moves.make(order, 'deadline', message);",
  },
  {
    name: 'expires-whatever-it-is',
    why: 'The condition is gone: the timer moves orders that are paid.',
    file: expireOrder,
    find: "WHERE id = ANY($1::uuid[]) AND status = 'awaiting_payment' ORDER BY",
    replace: 'WHERE id = ANY($1::uuid[]) ORDER BY',
  },
];
