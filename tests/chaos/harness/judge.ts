import type { Mail } from '#libs/testing';
import type { CheckResult } from '#libs/verify';
import type { LedgerEntry } from './client-ledger.js';
import type { Handled } from './handled-messages.js';
import { customerOf, emailOf, partRefundMinor, type OrderPlan } from './plan.js';

/** What a finding is called. `contradicted`: two witnesses tell different stories. */
export type Word = 'lost' | 'duplicated' | 'stuck' | 'contradicted';

/** Something that is not as it has to be. */
export interface Finding {
  readonly word: Word;
  /** Who says so: the clients' ledger, the provider, the mail server, or a check of the books. */
  readonly witness: string;
  readonly what: string;
}

export interface OrderRow {
  readonly id: string;
  readonly customer: string;
  readonly status: string;
  readonly totalMinor: number;
}

/** What the provider has of an order. */
export interface ProviderRow {
  readonly orderId: string;
  /** Captures that have not gone back in full. */
  readonly held: number;
  readonly returnedMinor: number;
}

/** All that is known when everything has come to rest, or has had the time to. */
export interface Evidence {
  readonly plans: readonly OrderPlan[];
  readonly entries: readonly LedgerEntry[];
  readonly orders: readonly OrderRow[];
  readonly provider: readonly ProviderRow[];
  readonly mails: readonly Pick<Mail, 'to' | 'subject' | 'messageId'>[];
  readonly checks: readonly CheckResult[];
  readonly handled: readonly Handled[];
  /** Messages that had to become dead letters, and those that have. */
  readonly poison: { readonly sent: ReadonlySet<string>; readonly found: ReadonlySet<string> };
}

/** The counts that a run is summed up in. */
export interface Counts {
  /** Orders that somebody wanted to place: as many as there are keys. */
  readonly attempted: number;
  readonly acknowledged: number;
  /** Acknowledged requests of every kind that had not been answered at first. */
  readonly recovered: number;
  /** Mails that came twice with one Message-ID, which is promised to happen: see the delivery guarantees. */
  readonly repeatedMails: number;
}

const isYes = ({ status }: LedgerEntry): boolean => status !== null && status >= 200 && status < 300;
const placesAnOrder = ({ act }: LedgerEntry): boolean => act === 'place' || act === 'storm';

export function count({ entries, mails }: Pick<Evidence, 'entries' | 'mails'>): Counts {
  const keys = [...groupBy(entries.filter(placesAnOrder), ({ key }) => key).values()];
  const requests = [...groupBy(entries, ({ act, key, orderId, customer }) => `${act} ${key} ${orderId ?? customer}`).values()];
  return {
    attempted: keys.length,
    acknowledged: keys.filter((tries) => tries.some(isYes)).length,
    recovered: requests.filter((tries) => !isYes(tries[0]!) && isFailure(tries[0]!) && tries.some(isYes)).length,
    repeatedMails: mails.length - new Set(mails.map(({ messageId }) => messageId)).size,
  };
}

const isFailure = ({ status }: LedgerEntry): boolean => status === null || status >= 500 || status === 409;

/** Everything that is wrong, by witnesses that no service can write to, and by the checks of the books. */
export function judge(evidence: Evidence): Finding[] {
  return [
    ...ofOrders(evidence),
    ...ofMoney(evidence),
    ...ofMails(evidence),
    ...ofChecks(evidence),
    ...ofHandled(evidence),
    ...ofPoison(evidence),
  ];
}

function* ofOrders({ plans, entries, orders }: Evidence): Generator<Finding> {
  const say = (word: Word, what: string): Finding => ({ word, witness: 'client ledger', what });
  const byId = new Map(orders.map((order) => [order.id, order]));
  const asked = groupBy(entries, ({ customer }) => customer);
  for (const [customer, theirs] of groupBy(orders, (order) => order.customer)) {
    if (!asked.has(customer)) yield say('contradicted', `${customer} has ${theirs.length} orders, and has never asked for one`);
    if (theirs.length > 1) yield say('duplicated', `${customer} wanted one order and has ${theirs.map(({ id }) => id).join(' and ')}`);
  }
  const planBy = new Map(plans.map((plan) => [customerOf(plan.number), plan]));
  for (const [customer, theirs] of asked) {
    const placings = theirs.filter(placesAnOrder);
    const yes = placings.filter(isYes);
    const ids = new Set(yes.map(({ id }) => id));
    if (ids.size > 1) yield say('duplicated', `one key of ${customer} was answered with ${[...ids].join(' and ')}`);
    for (const { status, problem } of placings)
      if (status !== null && status >= 400 && status < 500 && status !== 409)
        yield say('contradicted', `the order of ${customer} was refused: ${status} ${problem}`);
    for (const { status } of theirs.filter(({ act }) => act === 'misuse'))
      if (status !== null && status < 400) yield say('contradicted', `${customer} asked for nonsense and was answered ${status}`);
    const [placed] = yes;
    if (placed?.id === undefined) continue;
    const order = byId.get(placed.id);
    if (!order) {
      yield say('lost', `${placed.id} was acknowledged to ${customer}, and there is no such order`);
      continue;
    }
    if (order.totalMinor !== placed.amountMinor)
      yield say('contradicted', `${order.id} costs ${order.totalMinor} and was acknowledged at ${placed.amountMinor}`);
    const plan = planBy.get(customer);
    yield* ofEnd(order, theirs, plan, say);
  }
}

/** Whether an order has ended as its customer was promised. */
function* ofEnd(
  order: OrderRow,
  theirs: readonly LedgerEntry[],
  plan: OrderPlan | undefined,
  say: (word: Word, what: string) => Finding,
): Generator<Finding> {
  const { id, status } = order;
  const promised = (act: LedgerEntry['act']) => theirs.some((entry) => entry.act === act && isYes(entry));
  const tried = (act: LedgerEntry['act']) => theirs.some((entry) => entry.act === act);
  const isOn = status === 'refunding' || status === 'awaiting_payment';
  if (promised('cancel')) {
    if (isOn) yield say('stuck', `the cancellation of ${id} was acknowledged, and it is ${status}`);
    else if (status !== 'cancelled' && status !== 'refunded')
      yield say('lost', `the cancellation of ${id} was acknowledged, and it is ${status}`);
    return;
  }
  if (tried('cancel') && (status === 'cancelled' || status === 'refunded')) return;
  const wasToPay =
    promised('pay') ||
    (plan !== undefined && plan.paymentMethod !== undefined && plan.story !== 'is declined and pays again') ||
    plan === undefined;
  if (wasToPay && status !== 'paid')
    yield say(isOn ? 'stuck' : 'lost', `${id} was to be paid (${plan?.story ?? 'storm'}), and is ${status}`);
  if (plan?.story === 'never pays' && status !== 'expired') yield say('stuck', `${id} was never paid, and is ${status}`);
}

function* ofMoney({ entries, orders, provider }: Evidence): Generator<Finding> {
  const say = (word: Word, what: string): Finding => ({ word, witness: 'provider', what });
  const known = new Map(orders.map((order) => [order.id, order]));
  const refunds = groupBy(
    entries.filter(({ act }) => act === 'refund'),
    ({ orderId }) => orderId ?? '',
  );
  for (const { orderId, held, returnedMinor } of provider) {
    const order = known.get(orderId);
    if (!order) {
      yield say('contradicted', `money was taken for ${orderId}, which is no order`);
      continue;
    }
    if (held > 1) yield say('duplicated', `${orderId} is captured ${held} times`);
    if (order.status === 'paid' && held === 0) yield say('contradicted', `${orderId} is paid, and the provider holds nothing for it`);
    const tries = [...groupBy(refunds.get(orderId) ?? [], ({ key }) => key).values()];
    const minor = (of: LedgerEntry[][]) => of.length * partRefundMinor;
    const [promised, asked] = [minor(tries.filter((each) => each.some(isYes))), minor(tries)];
    if (order.status !== 'paid') continue;
    if (returnedMinor < promised) yield say('stuck', `${promised} of ${orderId} were promised back, and ${returnedMinor} have gone`);
    if (returnedMinor > asked) yield say('duplicated', `${asked} of ${orderId} were asked back, and ${returnedMinor} have gone`);
  }
}

const endings: Readonly<Record<string, string>> = {
  paid: 'Your order is paid',
  cancelled: 'Your order is cancelled',
  expired: 'Your order has expired',
  refunded: 'Your money is back',
};

function* ofMails({ plans, entries, orders, mails }: Evidence): Generator<Finding> {
  const say = (word: Word, what: string): Finding => ({ word, witness: 'mail server', what });
  const byAddress = groupBy(mails, ({ to }) => to.replaceAll(/[<>]/g, ''));
  const byCustomer = new Map(orders.map((order) => [order.customer, order]));
  const acknowledged = new Set(entries.filter((entry) => placesAnOrder(entry) && isYes(entry)).map(({ customer }) => customer));
  for (const { number } of plans) {
    const order = byCustomer.get(customerOf(number));
    if (!order || !acknowledged.has(order.customer)) continue;
    const told = groupBy(byAddress.get(emailOf(number)) ?? [], ({ subject }) => subject);
    const ending = endings[order.status];
    for (const subject of ['We have your order', ...(ending === undefined ? [] : [ending])])
      if (!told.has(subject)) yield say('lost', `${order.customer} was not told "${subject}" of ${order.id}`);
    for (const [subject, copies] of told) {
      const ids = new Set(copies.map(({ messageId }) => messageId));
      // Somebody whose second attempt was declined as well is told twice, rightly.
      if (ids.size > 1 && subject !== 'Your payment was declined')
        yield say('duplicated', `${order.customer} was told "${subject}" ${ids.size} times`);
    }
  }
}

const wordOf: Readonly<Record<string, Word>> = {
  'one-capture-per-order': 'duplicated',
  'one-capture-per-order-at-the-provider': 'duplicated',
  'one-order-per-key': 'duplicated',
  'one-effect-per-message': 'duplicated',
  'one-notice-per-event': 'duplicated',
  'outboxes-are-drained': 'stuck',
  'nothing-is-parked': 'stuck',
  'work-queues-are-empty': 'stuck',
  'no-dead-letters': 'stuck',
  'dead-letters-are-decided': 'stuck',
  'deadlines-are-kept': 'stuck',
  'no-payment-is-in-review': 'stuck',
  'no-payment-is-forgotten': 'stuck',
  'notices-are-sent': 'stuck',
  'customers-are-told': 'lost',
  'one-payment-per-order': 'lost',
};

function* ofChecks({ checks }: Evidence): Generator<Finding> {
  for (const { name, violations, offenders } of checks) {
    const word = wordOf[name] ?? 'contradicted';
    for (const offender of offenders) yield { word, witness: name, what: offender };
    if (violations > offenders.length) yield { word, witness: name, what: `and ${violations - offenders.length} more` };
  }
}

function* ofHandled({ handled }: Evidence): Generator<Finding> {
  for (const { queue, done, registered } of handled)
    if (done > registered)
      yield {
        word: 'duplicated',
        witness: 'handled messages',
        what: `${queue} has handled ${done} messages, and was given ${registered} different ones`,
      };
}

function* ofPoison({ poison: { sent, found } }: Evidence): Generator<Finding> {
  for (const id of sent)
    if (!found.has(id))
      yield { word: 'lost', witness: 'dead letters', what: `the message ${id} could not be read by anybody, and is no dead letter` };
}

function groupBy<Item>(items: Iterable<Item>, keyOf: (item: Item) => string): Map<string, Item[]> {
  const groups = new Map<string, Item[]>();
  for (const item of items) {
    const group = groups.get(keyOf(item));
    if (group) group.push(item);
    else groups.set(keyOf(item), [item]);
  }
  return groups;
}
