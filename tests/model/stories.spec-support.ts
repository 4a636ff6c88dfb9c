import fc from 'fast-check';
import type { CrashPoint } from './crash-points.spec-support.js';
import { paymentMethods, weathers, type Weather } from './provider.spec-support.js';
import type { Ending } from './settle.spec-support.js';
import { Step, type Doing, type Of, type StepData } from './steps.spec-support.js';
import { deaths, type Death, type World } from './world.spec-support.js';

const nth = fc.nat(11);
const order = fc.nat(11);
const crash = fc.option(fc.constantFrom<CrashPoint>('before the commit', 'after the commit'), { nil: undefined, freq: 4 });
const method = fc.oneof(
  { weight: 6, arbitrary: fc.constant<string>(paymentMethods.approves) },
  {
    weight: 2,
    arbitrary: fc.constantFrom<string>(paymentMethods.declines, paymentMethods.waitsForItsOwner, paymentMethods.capturesAfterDeclining),
  },
  { weight: 1, arbitrary: fc.constant<string>(paymentMethods.capturesAnotherAmount) },
);
const weather = fc.array(
  fc.oneof(
    { weight: 3, arbitrary: fc.constant<Weather>('fine') },
    { weight: 3, arbitrary: fc.constantFrom<Weather>('answer lost', 'question late') },
    { weight: 4, arbitrary: fc.constantFrom(...weathers) },
  ),
  { maxLength: 3 },
);
const death = fc.oneof({ weight: 5, arbitrary: fc.constant<Death>('nowhere') }, { weight: 2, arbitrary: fc.constantFrom(...deaths) });

const steps = {
  place: fc.record({
    do: fc.constant('place'),
    method: fc.option(method, { nil: undefined, freq: 3 }),
    quantity: fc.integer({ min: 1, max: 3 }),
    days: fc.constantFrom(0, 0, 5),
    crash,
  }),
  pay: fc.record({ do: fc.constant('pay'), nth: order, method, crash }),
  cancel: fc.record({ do: fc.constant('cancel'), nth: order, crash }),
  refund: fc.record({ do: fc.constant('refund'), nth: order, share: fc.constantFrom(undefined, 0.3, 0.5, 0.7), crash }),
  'call again': fc.record({ do: fc.constant('call again'), nth }),
  deliver: fc.record({ do: fc.constant('deliver'), queue: nth, nth, most: fc.constantFrom(1, 1, 1, 4), weather, death }),
  'deliver early': fc.record({ do: fc.constant('deliver early'), nth }),
  intend: fc.record({ do: fc.constant('intend'), nth }),
  ask: fc.record({ do: fc.constant('ask'), nth, weather, waited: fc.boolean() }),
  record: fc.record({ do: fc.constant('record'), nth, crash }),
  die: fc.constant({ do: 'die' }),
  repeat: fc.record({ do: fc.constant('repeat'), nth: fc.nat(40) }),
  'lose a timer': fc.record({ do: fc.constant('lose a timer'), nth }),
  webhook: fc.record({ do: fc.constant('webhook'), nth, times: fc.constantFrom(1, 1, 2), crash }),
  'lose news': fc.record({ do: fc.constant('lose news'), nth }),
  decide: fc.record({ do: fc.constant('decide'), nth, well: fc.oneof({ weight: 3, arbitrary: fc.constant(true) }, fc.constant(false)) }),
  regret: fc.record({ do: fc.constant('regret'), nth }),
  'arrive late': fc.record({ do: fc.constant('arrive late'), nth }),
  'search lags': fc.constant({ do: 'search lags' }),
  pass: fc.record({ do: fc.constant('pass'), hours: fc.constantFrom(1, 25) }),
  deadline: fc.record({ do: fc.constant('deadline'), nth: order }),
  sweep: fc.constant({ do: 'sweep' }),
  'go well': fc.record({ do: fc.constant('go well'), rounds: fc.integer({ min: 1, max: 4 }) }),
} as unknown as { readonly [Do in Exclude<Doing, 'at once'>]: fc.Arbitrary<Of<Do>> };

/** What commits once, so that it can be held before it does. */
const single = fc.oneof<{ weight: number; arbitrary: fc.Arbitrary<StepData> }[]>(
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant('deliver' as const),
      queue: nth,
      nth,
      most: fc.constantFrom(1, 3),
      weather: fc.constant([]),
      death: fc.constant('nowhere' as const),
      askingNobody: fc.constant(true as const),
    }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('record' as const), nth }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('webhook' as const), nth, times: fc.constant(1) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('cancel' as const), nth: order }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('refund' as const), nth: order, share: fc.constantFrom(0.5, 0.7) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('pay' as const), nth: order, method }) },
  { weight: 1, arbitrary: steps.intend },
);
const atTheSameTime = fc.record({ do: fc.constant('at once' as const), nth: order, first: single, second: single });

/** The weights of the steps; 1 for those that are not named. */
const often: Readonly<Partial<Record<Doing, number>>> = {
  deliver: 20,
  'at once': 10,
  webhook: 6,
  pay: 5,
  refund: 5,
  intend: 5,
  ask: 5,
  record: 5,
  place: 4,
  'go well': 2,
  cancel: 2,
  deadline: 2,
  decide: 2,
};

/** Some steps, of which each can be left out when a failure is shrunk. */
export function stories(mostSteps: number): fc.Arbitrary<Iterable<fc.AsyncCommand<World, World>>> {
  const kinds: [Doing, fc.Arbitrary<StepData>][] = [
    ...(Object.entries(steps) as [Doing, fc.Arbitrary<StepData>][]),
    ['at once', atTheSameTime],
  ];
  const commands = kinds.flatMap(([doing, data]) => Array.from({ length: often[doing] ?? 1 }, () => data.map((each) => new Step(each))));
  return fc.commands<World, World, false>(commands, { maxCommands: mostSteps, size: 'max', disableReplayLog: true });
}

/** How the world comes to rest in the end. */
export const endings: fc.Arbitrary<Ending> = fc.record({
  aDayLater: fc.boolean(),
  newsIsLost: fc.boolean(),
  timersAreLost: fc.boolean(),
  lastFirst: fc.boolean(),
  twoAtOnce: fc.boolean(),
  paysAgain: fc.boolean(),
  declinesAreTakenBack: fc.boolean(),
});

/** What has gone well before the story begins: orders on every stage of their way. */
export const beginnings: fc.Arbitrary<StepData[]> = fc
  .array(fc.record({ place: steps.place, rounds: fc.nat(4) }), { maxLength: 2 })
  .map((orders) => orders.flatMap(({ place, rounds }): StepData[] => (rounds === 0 ? [place] : [place, { do: 'go well', rounds }])));
