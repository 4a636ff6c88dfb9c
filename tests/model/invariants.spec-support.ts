import type { Incoming } from '#libs/messaging';
import type { Books, HistoryRow, OrderRow, PaymentRow } from './books.spec-support.js';
import type { Intent } from './provider.spec-support.js';
import { holds } from './violation.spec-support.js';
import type { World } from './world.spec-support.js';

// Written down again, so that a table of the code that has gone wrong does not judge itself.
const orderMoves = new Set([
  '- awaiting_payment',
  'awaiting_payment paid',
  'awaiting_payment cancelled',
  'awaiting_payment expired',
  'paid refunding',
  'paid refunded',
  'refunding refunded',
]);
const paymentMoves = new Set([
  '- open',
  'open authorising',
  'open voided',
  'authorising captured',
  'authorising open',
  'authorising voided',
  'captured refunding',
  'refunding refunded',
  'voided captured',
  ...['open', 'authorising', 'captured', 'refunding', 'refunded', 'voided'].map((status) => `${status} review`),
]);

const finalOrder = new Set(['cancelled', 'expired', 'refunded']);

/** What must be so after every step, whatever has gone wrong. */
export function checkStep(world: World, before: Books): void {
  const { books } = world;
  checkProvider(world);
  for (const order of books.orders) checkOrder(world, order);
  for (const payment of books.payments) checkPayment(world, payment);
  checkHistory('order', books.orderHistory, new Map(books.orders.map(({ id, status, version }) => [id, { status, version }])), orderMoves);
  checkHistory(
    'payment',
    books.paymentHistory,
    new Map(books.payments.map(({ id, status, version }) => [id, { status, version }])),
    paymentMoves,
  );
  checkLedger(world);
  checkWhatIsSettled(world, before);
  checkWhatWasSaid(world);
  checkNobodyIsForgotten(world);
}

function checkProvider({ provider, orders, regretted }: World): void {
  for (const { id, number } of orders) {
    const intents = intentsOf(provider.intents.values(), id);
    const captures = intents.filter(({ status, metadata }) => status === 'succeeded' && !regretted.has(metadata['attempt_id'] ?? ''));
    holds('an order is captured at most once', captures.length <= 1, () => `order ${number} was captured ${captures.length} times`);
  }
  const given = [...provider.refunds.values()].filter(({ status }) => status !== 'failed').map(({ metadata }) => metadata['refund_id']);
  holds('a refund is given once', new Set(given).size === given.length, () => `the provider has given one back twice`);
}

function checkOrder(world: World, { id, status }: OrderRow): void {
  const { books, orders } = world;
  const { number, deadlineIsPast } = orders.find((order) => order.id === id)!;
  const history = books.orderHistory.filter(({ owner }) => owner === id);
  const went = new Set(history.map(({ to }) => to));
  holds('no order is both paid and expired', !(went.has('paid') && went.has('expired')), () => `order ${number}`);
  holds('no order expires before its deadline', !went.has('expired') || deadlineIsPast, () => `order ${number}`);
  if (status === 'paid') {
    const payment = world.paymentOf(id);
    const captured = books.attempts.filter((attempt) => attempt.paymentId === payment?.id && attempt.outcome === 'captured');
    holds('a paid order has exactly one captured attempt', captured.length === 1, () => `order ${number} has ${captured.length}`);
  }
  if (status === 'refunded') {
    const held = heldFor(world, id, ({ metadata }) => !world.regretted.has(metadata['attempt_id'] ?? ''));
    holds('an order is refunded when all of it is back', held === 0, () => `the provider still has ${held} of order ${number}`);
  }
}

function checkPayment(world: World, payment: PaymentRow): void {
  const { books, provider, orders } = world;
  const about = world.numberOf(payment.orderId);
  const { total } = orders.find(({ id }) => id === payment.orderId)!;
  holds('a payment is of its order’s total', payment.amount === total, () => `${about}: ${payment.amount} of ${total}`);
  const refunds = books.refunds.filter(({ paymentId }) => paymentId === payment.id);
  const asked = refunds.reduce((sum, { amount }) => sum + amount, 0);
  holds(
    'what is asked back is reserved',
    asked === payment.requested,
    () => `${about}: ${asked} in refunds, ${payment.requested} reserved`,
  );
  holds('never more is asked back than was captured', asked <= payment.amount, () => `${about}: ${asked} of ${payment.amount}`);
  holds(
    'a person is called only when the provider contradicts itself',
    payment.status !== 'review' || world.contradicted.has(payment.orderId),
    () => `the payment of ${about} is in review`,
  );
  const attempts = books.attempts.filter(({ paymentId }) => paymentId === payment.id);
  for (const { id, outcome, reference } of attempts) {
    const intents = [...provider.intents.values()].filter(({ metadata }) => metadata['attempt_id'] === id);
    if (outcome === 'captured') {
      const found = intents.find((intent) => intent.id === reference);
      holds(
        'what we call captured the provider has',
        found?.status === 'succeeded' && found.received === payment.amount,
        () => `${about}: ${JSON.stringify(found)}`,
      );
    }
    if (outcome === 'declined' && !world.regretted.has(id)) {
      const alive = intents.filter(({ status }) => status !== 'requires_payment_method' && status !== 'canceled');
      holds(
        'what we call declined captures nothing any more',
        alive.length === 0 && !provider.mayStillCapture(id),
        () => `an attempt at ${about} is ${alive[0]?.status ?? 'on its way to'} at the provider`,
      );
    }
  }
  for (const { status, amount, reference } of refunds.filter((refund) => refund.status === 'succeeded')) {
    const found = provider.refunds.get(reference ?? '');
    holds(
      'what we call given back the provider has given',
      found?.status === 'succeeded' && found.amount === amount,
      () => `${about}: ${status}, ${JSON.stringify(found)}`,
    );
  }
}

function checkHistory(
  what: string,
  rows: readonly HistoryRow[],
  owners: ReadonlyMap<string, { status: string; version: number }>,
  legal: ReadonlySet<string>,
): void {
  for (const [owner, { status, version }] of owners) {
    const own = rows.filter((row) => row.owner === owner);
    const words = () =>
      `${what}: ${own.map(({ sequence, from, to, cause }) => `${sequence} ${from ?? '-'} > ${to} (${cause})`).join(', ')}; now ${version} ${status}`;
    const whole =
      own.length === version && own.every(({ sequence, from }, index) => sequence === index + 1 && from === (own[index - 1]?.to ?? null));
    holds('a history has no gaps', whole && own.at(-1)?.to === status, words);
    const moves = own.filter(({ from, to }) => from !== to);
    holds(
      'only legal moves are made',
      moves.every(({ from, to }) => legal.has(`${from ?? '-'} ${to}`)),
      words,
    );
  }
}

function checkLedger({ books }: World): void {
  const booked = new Map<string, number>();
  for (const { transactionId, account, amount } of books.ledger) {
    if (account === 'provider') booked.set(transactionId, (booked.get(transactionId) ?? 0) + amount);
  }
  const sum = books.ledger.reduce((total, { amount }) => total + amount, 0);
  holds('the ledger sums to zero', sum === 0, () => String(sum));
  const amounts = new Map(books.payments.map(({ id, amount }) => [id, amount]));
  const due = new Map<string, number>();
  for (const { id, paymentId, outcome } of books.attempts) if (outcome === 'captured') due.set(id, amounts.get(paymentId)!);
  for (const { id, status, amount } of books.refunds) if (status === 'succeeded') due.set(id, -amount);
  const agrees = due.size === booked.size && [...due].every(([id, amount]) => booked.get(id) === amount);
  holds('the ledger is what the rows say', agrees, () => `${JSON.stringify([...booked])} is booked, ${JSON.stringify([...due])} is due`);
}

/** What was settled stays settled. */
function checkWhatIsSettled({ books, regretted }: World, before: Books): void {
  const orders = new Map(books.orders.map((order) => [order.id, order]));
  for (const { id, status, version } of before.orders) {
    const now = orders.get(id);
    holds(
      'what ended stays ended',
      !finalOrder.has(status) || now?.status === status,
      () => `an order was ${status} and is ${now?.status}`,
    );
    holds('versions never go back', (now?.version ?? 0) >= version, () => `an order was at ${version} and is at ${now?.version}`);
  }
  const attempts = new Map(books.attempts.map((attempt) => [attempt.id, attempt]));
  for (const { id, outcome } of before.attempts) {
    const now = attempts.get(id)?.outcome;
    const settled = outcome === 'captured' || outcome === 'declined';
    const regrettedSince = regretted.has(id) && outcome === 'declined' && now === 'captured';
    holds(
      'a settled attempt stays settled',
      !settled || now === outcome || regrettedSince,
      () => `an attempt was ${outcome} and is ${now}`,
    );
  }
  const refunds = new Map(books.refunds.map((refund) => [refund.id, refund]));
  for (const { id, status } of before.refunds) {
    const now = refunds.get(id)?.status;
    holds('a settled refund stays settled', status === 'pending' || now === status, () => `a refund was ${status} and is ${now}`);
  }
}

function checkWhatWasSaid({ network }: World): void {
  const once = new Set<string>();
  for (const message of network.said) {
    for (const fact of factsOf(message)) {
      holds('nothing is said twice', !once.has(fact), () => fact);
      once.add(fact);
    }
    const refund = message.data as { refundId?: string; reason?: string };
    if (message.type === 'payment.refund.v1' && refund.reason === 'late_payment' && message.causationId !== undefined) {
      const { type } = network.said.find(({ id }) => id === message.causationId)!;
      const named = type !== 'payment.captured.v1' || refund.refundId === message.causationId;
      holds('late money is one refund however often it is asked for', named, () => 'its refund is not called after what brought it');
    }
  }
}

/** What a message says that nobody may hear a second time. */
function factsOf({ id, type, subject, causationId, data }: Incoming): string[] {
  const facts = causationId === undefined ? [] : [`${type} because of ${causationId}`];
  switch (type) {
    case 'order.placed.v1':
    case 'order.paid.v1':
    case 'order.cancelled.v1':
    case 'order.expired.v1':
    case 'order.refunded.v1':
      return [...facts, `${type} of ${subject}`];
    case 'payment.captured.v1':
    case 'payment.declined.v1':
      return [...facts, `the outcome of attempt ${(data as { attemptId: string }).attemptId} (${type})`];
    case 'payment.refunded.v1':
      return [...facts, `the outcome of refund ${(data as { refundId: string }).refundId}`];
    default:
      return [...facts, `message ${id}`];
  }
}

/** Unless a timer was lost, nobody has to wait for a sweeper. */
function checkNobodyIsForgotten(world: World): void {
  const { books, network, inHand, withoutTimer } = world;
  const underWay = [...network.bag, ...inHand.map(({ letter }) => letter)].map(({ message }) => message);
  const isUnderWay = (types: readonly string[], member: string, id: string) =>
    withoutTimer.has(id) || underWay.some(({ type, data }) => types.includes(type) && (data as Record<string, unknown>)[member] === id);
  for (const { id, status } of books.orders) {
    const timed = status !== 'awaiting_payment' || isUnderWay(['order.expire.v1'], 'orderId', id);
    holds('an order that waits has its timer', timed, () => world.numberOf(id));
  }
  for (const { id, orderId, status } of books.payments) {
    if (status === 'review') continue;
    for (const attempt of books.attempts.filter(({ paymentId }) => paymentId === id)) {
      const open = attempt.outcome === 'pending' || attempt.outcome === 'unknown';
      const sought = !open || isUnderWay(['payment.capture.v1', 'payment.reconcile.v1'], 'attemptId', attempt.id);
      holds('somebody looks for what is open', sought, () => `an attempt at ${world.numberOf(orderId)} is ${attempt.outcome}`);
    }
    for (const refund of books.refunds.filter(({ paymentId }) => paymentId === id)) {
      const sought = refund.status !== 'pending' || isUnderWay(['payment.refund.v1'], 'refundId', refund.id);
      holds('somebody asks for what is to go back', sought, () => `a refund of ${world.numberOf(orderId)}`);
    }
  }
}

/** What must be so once the world has settled. */
export function checkEnd(world: World): void {
  const { books, contradicted, provider } = world;
  for (const { id, status } of books.orders.filter((order) => !contradicted.has(order.id))) {
    const about = world.numberOf(id);
    const payment = world.paymentOf(id);
    const settled =
      ['paid', 'cancelled', 'expired', 'refunded'].includes(status) && ['captured', 'refunded', 'voided'].includes(payment?.status ?? '');
    holds('nothing is stuck', settled, () => `${about} is ${status}, its payment ${payment?.status}`);
    const undecided = provider.undecided.filter(({ metadata }) => metadata['order_id'] === id);
    const pending = books.refunds.filter(({ paymentId, status: refund }) => paymentId === payment?.id && refund === 'pending');
    holds('nothing is stuck', undecided.length + pending.length === 0, () => `${about} has open business with the provider`);
    const held = heldFor(world, id);
    if (status === 'paid')
      holds('who gets the goods has paid', payment!.status === 'captured', () => `the payment of ${about} is ${payment!.status}`);
    else {
      holds('who does not get the goods has the money', held === 0, () => `${about} is ${status}, and the provider has ${held} of it`);
      holds('a payment ends with its order', payment!.status !== 'captured', () => `${about} is ${status}, its payment is captured`);
    }
    const booked = books.ledger
      .filter((entry) => entry.orderId === id && entry.account === 'provider')
      .reduce((sum, { amount }) => sum + amount, 0);
    holds('our books are the provider’s', booked === held, () => `${about}: ${booked} in ours, ${held} in theirs`);
    const moved = books.orderHistory.filter(({ owner }) => owner === id).map(({ to }) => to);
    for (const [state, type] of Object.entries(told)) {
      const said = world.network.said.some((message) => message.type === type && message.subject === id);
      holds(
        'what happened is said',
        said === moved.some((to) => to === state || (state === 'cancelled' && to === 'refunding')),
        () => `${type} about ${about}`,
      );
    }
  }
}

const told = { paid: 'order.paid.v1', cancelled: 'order.cancelled.v1', expired: 'order.expired.v1', refunded: 'order.refunded.v1' };

/** What the provider has of the money of an order, in minor units. */
function heldFor({ provider }: World, orderId: string, counts: (intent: Intent) => boolean = () => true): number {
  return intentsOf(provider.intents.values(), orderId)
    .filter((intent) => intent.status === 'succeeded' && counts(intent))
    .reduce((sum, intent) => sum + provider.heldOf(intent), 0);
}

function intentsOf(intents: Iterable<Intent>, orderId: string): Intent[] {
  return [...intents].filter(({ metadata }) => metadata['order_id'] === orderId);
}
