import type fc from 'fast-check';
import { atOnce } from './at-once.spec-support.js';
import type { CrashPoint } from './crash-points.spec-support.js';
import type { Letter } from './network.spec-support.js';
import type { Weather } from './provider.spec-support.js';
import type { Death, PlacedOrder, World } from './world.spec-support.js';

/** One thing that happens, as data. `nth` picks among what is there when it happens. */
export type StepData =
  | { readonly do: 'place'; readonly method?: string; readonly quantity: number; readonly days: number; readonly crash?: CrashPoint }
  | { readonly do: 'pay'; readonly nth: number; readonly method: string; readonly crash?: CrashPoint }
  | { readonly do: 'cancel'; readonly nth: number; readonly crash?: CrashPoint }
  | { readonly do: 'refund'; readonly nth: number; readonly share?: number; readonly crash?: CrashPoint }
  | { readonly do: 'call again'; readonly nth: number }
  | {
      readonly do: 'deliver';
      /** Picks among the queues that hold something, so that a full one does not hide the others. */
      readonly queue: number;
      readonly nth: number;
      readonly most: number;
      readonly weather: readonly Weather[];
      readonly death: Death;
      /** To a consumer that asks nobody, so that one transaction is all. */
      readonly askingNobody?: true;
    }
  | { readonly do: 'deliver early'; readonly nth: number }
  | { readonly do: 'intend'; readonly nth: number }
  | { readonly do: 'ask'; readonly nth: number; readonly weather: readonly Weather[]; readonly waited: boolean }
  | { readonly do: 'record'; readonly nth: number; readonly crash?: CrashPoint }
  | { readonly do: 'die' }
  | { readonly do: 'repeat'; readonly nth: number }
  | { readonly do: 'lose a timer'; readonly nth: number }
  | { readonly do: 'webhook'; readonly nth: number; readonly times: number; readonly crash?: CrashPoint }
  | { readonly do: 'lose news'; readonly nth: number }
  | { readonly do: 'decide'; readonly nth: number; readonly well: boolean }
  | { readonly do: 'regret'; readonly nth: number }
  | { readonly do: 'arrive late'; readonly nth: number }
  | { readonly do: 'search lags' }
  | { readonly do: 'pass'; readonly hours: number }
  | { readonly do: 'deadline'; readonly nth: number }
  | { readonly do: 'sweep' }
  | { readonly do: 'go well'; readonly rounds: number }
  | { readonly do: 'at once'; readonly nth: number; readonly first: StepData; readonly second: StepData };

export type Doing = StepData['do'];
export type Of<Do extends Doing> = Extract<StepData, { do: Do }>;

/** Does it, or returns nothing when there is nothing to do it to. With `about` only what is about that order counts. */
type Doer<Do extends Doing> = (world: World, step: Of<Do>, about?: string) => (() => Promise<unknown>) | undefined;

const pick = <Thing>(things: readonly Thing[], nth: number): Thing | undefined => things[nth % Math.max(things.length, 1)];

interface OnOrder {
  readonly do: Doing;
  readonly nth: number;
}

/** Up to this one, `nth` picks among the orders that something can come of; from here on, among all. */
const firstOfAll = 9;

const onOrder =
  <Data extends OnOrder>(
    suits: (world: World, order: PlacedOrder) => boolean,
    act: (world: World, order: PlacedOrder, step: Data) => Promise<unknown>,
  ) =>
  (world: World, step: Data, about?: string): (() => Promise<unknown>) | undefined => {
    const orders = world.orders.filter(({ id }) => (about ?? id) === id);
    const suitable = orders.filter((order) => suits(world, order));
    const order = pick(step.nth < firstOfAll ? suitable : orders, step.nth);
    const needsPayment = step.do === 'pay' || step.do === 'refund';
    if (!order || (needsPayment && !world.paymentOf(order.id))) return undefined;
    return () => act(world, order, step);
  };

const isEarly = (world: World, { message }: Letter): boolean =>
  message.type === 'order.expire.v1' && !world.orders.find(({ id }) => id === message.subject)?.deadlineIsPast;

const letters = (world: World, about: string | undefined): readonly Letter[] =>
  world.network.bag.filter(({ message }) => message.subject === (about ?? message.subject));

const doers: { readonly [Do in Doing]: Doer<Do> } = {
  place: (world, { method, quantity, days, crash }) =>
    world.orders.length < 3 ? () => world.place(method, quantity, days === 0 ? 900 : days * 86_400, crash) : undefined,
  pay: onOrder<Of<'pay'>>(
    (world, { id }) => world.paymentOf(id)?.status === 'open',
    (world, order, { method, crash }) => world.pay(order, method, crash),
  ),
  cancel: onOrder<Of<'cancel'>>(
    (world, { id }) => ['awaiting_payment', 'paid'].includes(world.statusOf(id)),
    (world, order, { crash }) => world.cancel(order, crash),
  ),
  refund: onOrder<Of<'refund'>>(
    (world, { id }) => world.paymentOf(id)?.status === 'captured',
    (world, order, { share, crash }) => world.refund(order, share, crash),
  ),
  'call again': (world, { nth }) => {
    const call = pick(world.calls, nth);
    return call && (() => world.callAgain(call));
  },
  deliver: (world, { queue: nthQueue, nth, most, weather, death, askingNobody }, about) => {
    const fits = ({ queue }: Letter) => !askingNobody || world.services.consumers[queue].kind === 'batch';
    const due = letters(world, about).filter((letter) => !isEarly(world, letter) && fits(letter));
    const chosen = pick([...new Set(due.map(({ queue }) => queue))].toSorted(), nthQueue);
    const waiting = due.filter(({ queue }) => queue === chosen);
    const letter = pick(waiting, nth);
    if (!letter) return undefined;
    const from = waiting.slice(waiting.indexOf(letter));
    return () => world.deliver(from.slice(0, most), weather, death);
  },
  'deliver early': (world, { nth }) => {
    const letter = pick(
      world.network.bag.filter((each) => isEarly(world, each)),
      nth,
    );
    return letter && (() => world.deliver([letter]));
  },
  intend: (world, { nth }, about) => {
    const letter = pick(
      letters(world, about).filter(({ queue }) => world.services.consumers[queue].kind === 'asking'),
      nth,
    );
    if (!letter) return undefined;
    return () => {
      world.tell(`${world.describe(letter)} is taken up, its intent is committed`);
      return world.intend([letter]);
    };
  },
  ask: (world, { nth, weather, waited }) => {
    const question = pick(
      world.inHand.filter(({ answer }) => !answer),
      nth,
    );
    if (!question) return undefined;
    return () => {
      world.tell(`The provider is asked for ${world.describe(question.letter)}${waited ? ', after a while' : ''}`);
      if (waited) world.wait(question);
      return world.ask(question, weather);
    };
  },
  record: (world, { nth, crash }, about) => {
    const question = pick(
      world.inHand.filter(({ answer, letter }) => answer && letter.message.subject === (about ?? letter.message.subject)),
      nth,
    );
    if (!question) return undefined;
    return () => {
      world.tell(`What the provider said for ${world.describe(question.letter)} is recorded${crash ? `; its consumer dies ${crash}` : ''}`);
      return world.record([question], crash);
    };
  },
  die: (world) =>
    world.inHand.length === 0
      ? undefined
      : async () => {
          world.tell('The payment service dies with all that it has in hand');
          world.comeAgain([...world.inHand]);
        },
  repeat: (world, { nth }) => {
    const letter = pick(world.network.letters, nth);
    return (
      letter &&
      (async () => {
        world.tell(`A second copy of ${world.describe(letter)} is on its way`);
        world.network.repeat(letter);
      })
    );
  },
  'lose a timer': (world, { nth }) => {
    const letter = pick(
      world.network.bag.filter(({ isTimer }) => isTimer),
      nth,
    );
    return letter && (async () => world.loseTimer(letter));
  },
  webhook: (world, { nth, times, crash }, about) => {
    const { mail } = world.provider;
    const piece = pick(
      mail.filter((each) => each.about === (about ?? each.about)),
      nth,
    );
    return (
      piece &&
      (async () => {
        let taken = await world.takeMail(piece, crash);
        for (let time = 1; taken && time < times; time += 1) taken = await world.takeMail(piece);
        if (taken) mail.splice(mail.indexOf(piece), 1);
      })
    );
  },
  'lose news': (world, { nth }) => {
    const { mail } = world.provider;
    const piece = pick(
      mail.filter(({ mustArrive }) => !mustArrive),
      nth,
    );
    return (
      piece &&
      (async () => {
        world.tell(`The news of ${piece.type} about ${world.numberOf(piece.about)} is lost`);
        mail.splice(mail.indexOf(piece), 1);
      })
    );
  },
  decide: (world, { nth, well }) => {
    const open = pick(world.provider.undecided, nth);
    return (
      open &&
      (async () => {
        const what = 'intent' in open ? 'a refund' : 'an intent';
        world.tell(`The provider decides ${what} of ${world.numberOf(open.metadata['order_id'] ?? '')}: ${well ? 'yes' : 'no'}`);
        world.provider.decide(open, well);
      })
    );
  },
  regret: (world, { nth }) => {
    const intent = pick(world.provider.regrettable, nth);
    return intent && (async () => world.regret(intent));
  },
  'arrive late': (world, { nth }) => {
    const question = pick(world.provider.late, nth);
    return (
      question &&
      (async () => {
        world.tell('A question arrives at the provider whose asker has given up');
        world.provider.arriveLate(question);
      })
    );
  },
  'search lags': (world) => async () => {
    const { provider } = world;
    world.tell(provider.searchLags ? 'The provider’s search catches up' : 'The provider’s search begins to lag');
    if (provider.searchLags) provider.catchUpSearch();
    else provider.searchLags = true;
  },
  pass: (world, { hours }) =>
    world.orders.length === 0
      ? undefined
      : async () => {
          world.tell(`${hours} h pass`);
          await world.pass(hours);
        },
  deadline: onOrder<Of<'deadline'>>(
    (world, { id, deadlineIsPast }) => !deadlineIsPast && world.statusOf(id) === 'awaiting_payment',
    async (world, order) => {
      world.tell(`The deadline of order ${order.number} passes`);
      await world.reachDeadline(order);
    },
  ),
  sweep: (world) => async () => {
    world.tell('The sweepers look');
    await world.sweep();
  },
  'go well': (world, { rounds }) =>
    world.orders.length === 0
      ? undefined
      : async () => {
          world.tell('For a while all goes well:');
          for (let round = 1; round <= rounds; round += 1) {
            for (const letter of world.network.bag.filter(({ isTimer }) => !isTimer)) {
              await world.deliver([letter]);
              await world.look();
            }
          }
        },
  'at once': (world, { nth, first, second }) => {
    const turned = [...world.orders.slice(nth % 3), ...world.orders.slice(0, nth % 3)];
    const about = turned.find(({ id }) => prepare(world, first, id) && prepare(world, second, id))?.id;
    const one = about === undefined ? undefined : prepare(world, first, about);
    const other = one && prepare(world, second, about);
    return other && (() => atOnce(world, one, other));
  },
};

function prepare(world: World, step: StepData, about?: string): (() => Promise<unknown>) | undefined {
  return (doers[step.do] as Doer<Doing>)(world, step, about);
}

/** A step as fast-check runs it. */
export class Step implements fc.AsyncCommand<World, World> {
  constructor(readonly data: StepData) {}

  check(world: Readonly<World>): boolean {
    return prepare(world as World, this.data) !== undefined;
  }

  async run(world: World): Promise<void> {
    world.steps.push(this.data);
    await prepare(world, this.data)!();
    await world.look();
  }

  toString(): string {
    const { do: doing, ...how } = this.data;
    return `${doing} ${JSON.stringify(how)}`;
  }
}
