import { atOnce } from './at-once.spec-support.js';
import { checkEnd } from './invariants.spec-support.js';
import type { Letter } from './network.spec-support.js';
import { paymentMethods } from './provider.spec-support.js';
import { holds } from './violation.spec-support.js';
import type { PlacedOrder, World } from './world.spec-support.js';

/** So often a message is tried in production before it is a dead letter. */
const mostTries = 6;

/** A story of a few orders needs about ten. */
const mostRounds = 20;

/** What the last of what goes wrong is. */
export interface Ending {
  /** Everything stands still for a day, so that keys are forgotten before anybody asks again. */
  readonly aDayLater: boolean;
  /** The provider's news does not arrive, except what it repeats until it does. */
  readonly newsIsLost: boolean;
  /** The queues that timers wait in are deleted. */
  readonly timersAreLost: boolean;
  /** What was said last arrives first. */
  readonly lastFirst: boolean;
  /** Messages about one order are handled two at a time. */
  readonly twoAtOnce: boolean;
  /** Customers whose payment was declined pay once more. */
  readonly paysAgain: boolean;
  /** In the end the provider captures what it had declined. */
  readonly declinesAreTakenBack: boolean;
}

/** Lets the world come to rest: nothing goes wrong any more, everything arrives, and time passes until nothing is left to be done. */
export async function settle(world: World, ending: Ending): Promise<void> {
  const { provider, network } = world;
  world.tell('The story is over. What is on its way now:');
  if (ending.newsIsLost) {
    world.tell('  (the news of the provider is lost)');
    provider.mail.splice(0, Infinity, ...provider.mail.filter(({ mustArrive }) => mustArrive));
  }
  if (ending.timersAreLost) for (const letter of network.bag.filter(({ isTimer }) => isTimer)) world.loseTimer(letter);
  if (ending.aDayLater && world.orders.length > 0) await passTime(world, 25);
  provider.catchUpSearch();
  world.comeAgain([...world.inHand]);
  for (const letter of network.bag) letter.failures = 0;
  if (ending.paysAgain) {
    await takeAllMail(world);
    for (const order of world.orders) if (isPayable(world, order)) await world.pay(order, paymentMethods.approves);
    await world.look();
  }
  await comeToRest(world, ending);
  for (const question of provider.late.slice()) provider.arriveLate(question);
  for (const order of world.orders) if (!order.deadlineIsPast) await world.reachDeadline(order);
  world.tell('  (questions that were late arrive, and all deadlines pass)');
  await comeToRest(world, ending);
  if (ending.declinesAreTakenBack) for (const intent of provider.regrettable) world.regret(intent);
  await comeToRest(world, ending);
  // The first look of a sweeper comes after the grace; a day later a provider has forgotten its keys, and each time the pauses double.
  for (const hours of [1, 25, 25, 25]) {
    if (!isOpen(world)) break;
    await passTime(world, hours);
    await world.sweep();
    world.tell('  (the sweepers look)');
    await world.look();
    await comeToRest(world, ending);
  }
  checkEnd(world);
}

async function passTime(world: World, hours: number): Promise<void> {
  world.tell(`  (${hours} h pass)`);
  await world.pass(hours);
}

/** Delivers what is on its way. What always leads to another timer, because the provider has yet to forget a key, waits for time to pass. */
async function comeToRest(world: World, ending: Ending): Promise<void> {
  const { provider, network } = world;
  for (let round = 1, timers = 0; ; round += 1) {
    holds('the world comes to rest', round <= mostRounds, () => network.bag.map((letter) => world.describe(letter)).join(', '));
    for (const open of provider.undecided) if (open.status !== 'requires_action') provider.decide(open, true);
    const letters = network.bag.filter((letter) => isDue(world, letter));
    if (provider.mail.length === 0 && letters.every(({ isTimer }) => isTimer)) timers += 1;
    if ((provider.mail.length === 0 && letters.length === 0) || timers > 3) return;
    if (!ending.lastFirst) await takeAllMail(world);
    await deliverAll(world, letters, ending);
    await takeAllMail(world);
  }
}

async function takeAllMail(world: World): Promise<void> {
  for (const piece of world.provider.mail.splice(0)) {
    await world.takeMail(piece);
    await world.look();
  }
}

async function deliverAll(world: World, letters: readonly Letter[], { lastFirst, twoAtOnce }: Ending): Promise<void> {
  const done = new Set<Letter>();
  // Last first: what has just been said goes before what has waited.
  const left = () =>
    lastFirst
      ? world.network.bag.filter((letter) => !done.has(letter) && (letters.includes(letter) || !letter.isTimer)).toReversed()
      : letters.filter((letter) => !done.has(letter));
  for (let [letter] = left(); letter; [letter] = left()) {
    done.add(letter);
    const { failures } = letter;
    holds('no message becomes a dead letter', failures < mostTries, () => world.describe(letter));
    const first = letter;
    const second = twoAtOnce ? left().find((other) => isRival(world, first, other)) : undefined;
    if (second) {
      done.add(second);
      await atOnce(
        world,
        () => world.deliver([first]),
        () => world.deliver([second]),
      );
    } else await world.deliver([first]);
    await world.look();
  }
}

/** Whether both commit once, in the same database, and are about the same order. */
function isRival({ services }: World, one: Letter, other: Letter): boolean {
  const [first, second] = [one, other].map(({ queue }) => services.consumers[queue]);
  const aboutOne = one.message.subject === other.message.subject;
  return aboutOne && first?.kind === 'batch' && second?.kind === 'batch' && first.transactions === second.transactions;
}

function isPayable(world: World, { id, deadlineIsPast }: PlacedOrder): boolean {
  return !deadlineIsPast && world.statusOf(id) === 'awaiting_payment' && world.paymentOf(id)?.status === 'open';
}

function isDue({ orders }: World, { message }: Letter): boolean {
  return message.type !== 'order.expire.v1' || (orders.find(({ id }) => id === message.subject)?.deadlineIsPast ?? true);
}

function isOpen({ books, contradicted, network }: World): boolean {
  const openOrder = books.orders.some(
    ({ id, status }) => !contradicted.has(id) && (status === 'awaiting_payment' || status === 'refunding'),
  );
  const openPayment = books.payments.some(
    ({ orderId, status }) => !contradicted.has(orderId) && !['captured', 'refunded', 'voided'].includes(status),
  );
  const openRefund = books.refunds.some(({ status }) => status === 'pending');
  return openOrder || openPayment || openRefund || network.bag.length > 0;
}
