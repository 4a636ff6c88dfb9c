import { SeededRandom } from '#libs/testing';

/** What is going to happen to an order. */
export const scenarios = [
  'approved',
  'declined, then approved',
  'unknown, captured',
  'unknown, not captured',
  'never paid',
  'cancelled',
  'paid too late',
] as const;
export type Scenario = (typeof scenarios)[number];

/** One order and its customer's behaviour. */
export interface Plan {
  readonly scenario: Scenario;
  /** Named when it is placed. */
  readonly paymentMethod?: string;
  /** Tried once the first was declined. */
  readonly secondMethod?: string;
  readonly paymentWindowSeconds?: number;
  /** How long after it was placed the customer cancels, in milliseconds. */
  readonly cancelAfterMs?: number;
  /** Where the order may end, and its payment with it. */
  readonly ends: Readonly<Record<string, readonly string[]>>;
}

/** Of a hundred orders. */
const share: Readonly<Record<Scenario, number>> = {
  approved: 60,
  'declined, then approved': 10,
  'unknown, captured': 10,
  'unknown, not captured': 5,
  'never paid': 5,
  cancelled: 5,
  'paid too late': 5,
};

/** What becomes of the provider's events, of twenty: two are dropped, the others come early, late, twice, or overtake each other. */
const webhooks = [
  ...Array<string>(2).fill('_webhookNever'),
  ...Array<string>(4).fill('_webhookTwice'),
  ...Array<string>(4).fill('_webhookFirst'),
  ...Array<string>(3).fill('_webhookLate'),
  ...Array<string>(3).fill('_webhookOutOfOrder'),
  ...Array<string>(4).fill(''),
];

const paid = { paid: ['captured'] };
/** Before the money was there, while it was on its way, or after. */
const cancelled = { cancelled: ['voided', 'refunded'], refunded: ['refunded'] };

/** The shortest window that an order may have, in seconds. */
const shortestWindow = 5;

/**
 * The orders of a run, always the same for the same seed.
 * @param count a hundred or more, or some scenario may be missing
 */
export function planOrders(count: number, seed: number): Plan[] {
  const random = new SeededRandom(seed);
  const all = random.shuffled(scenarios.flatMap((scenario) => Array<Scenario>(Math.round((share[scenario] * count) / 100)).fill(scenario)));
  const plans = all.map((scenario) => planOf(scenario, random));
  // These come first: behind the others, the provider would be asked only after their windows have ended, and then not for their money.
  const isLate = ({ scenario }: Plan) => scenario === 'paid too late';
  return [...plans.filter(isLate), ...plans.filter((plan) => !isLate(plan))];
}

function planOf(scenario: Scenario, random: SeededRandom): Plan {
  const method = (answer: string) => `pm_sim_${answer}${random.pick(webhooks)}`;
  switch (scenario) {
    case 'approved':
      return { scenario, paymentMethod: method('approve'), ends: paid };
    case 'declined, then approved':
      return { scenario, paymentMethod: method('decline'), secondMethod: method('approve'), ends: paid };
    case 'unknown, captured':
      return { scenario, paymentMethod: method(random.pick(['hangCaptured', 'failCaptured'])), ends: paid };
    case 'unknown, not captured':
      return { scenario, paymentMethod: method('hangNotCaptured'), ends: paid };
    case 'never paid':
      return { scenario, paymentWindowSeconds: shortestWindow, ends: { expired: ['voided'] } };
    case 'cancelled':
      return { scenario, paymentMethod: method('approve'), cancelAfterMs: random.next() * 1500, ends: cancelled };
    case 'paid too late': {
      // Captured at once, and heard of only when the window has ended.
      const how = random.pick(['_webhookNever', '_webhookLate']);
      return {
        scenario,
        paymentMethod: `pm_sim_hangCaptured${how}`,
        paymentWindowSeconds: shortestWindow,
        ends: { expired: ['refunded'] },
      };
    }
  }
}
