import { SeededRandom } from '#libs/testing';

/** What a customer does with an order, and how often of a hundred. */
const shares = {
  'pays when ordering': 55,
  'pays slowly': 4,
  'is declined and pays again': 8,
  'pays later': 5,
  cancels: 10,
  'never pays': 6,
  'gets some money back': 4,
  'pays again what is paid': 3,
  'uses a key again for something else': 3,
  'sends nonsense first': 2,
} as const;
export type Story = keyof typeof shares;
export const stories = Object.keys(shares) as readonly Story[];

export interface OrderPlan {
  readonly number: number;
  readonly story: Story;
  readonly items: readonly { sku: string; quantity: number }[];
  readonly paymentMethod?: string;
  readonly paymentWindowSeconds?: number;
  /** How long the customer waits before the next act, in milliseconds. */
  readonly pauseMs: number;
  /** Which replica is asked first. */
  readonly first: number;
}

export const customerOf = (number: number): string => `customer-${number}`;
export const emailOf = (number: number): string => `customer-${number}@chaos.example`;

/** What a customer asks back who wants some money back, in minor units. */
export const partRefundMinor = 100;

/** Always the same for the same seed and number. */
export function planOf(seed: number, number: number): OrderPlan {
  const random = new SeededRandom((seed * 1_000_003 + number) | 0);
  const story = random.pick(stories.flatMap((name) => Array<Story>(shares[name]).fill(name)));
  const paymentMethod = methods[story];
  const items = random
    .shuffled(['MUG-STONEWARE', 'KETTLE-GOOSENECK', 'PAPER-FILTERS-100', 'TEA-DARJEELING-250G'])
    .slice(0, 1 + Math.floor(random.next() * 2))
    .map((sku) => ({ sku, quantity: 1 + Math.floor(random.next() * 3) }));
  return {
    number,
    story,
    items,
    ...(paymentMethod && { paymentMethod }),
    ...(story === 'never pays' && { paymentWindowSeconds: 5 + Math.floor(random.next() * 15) }),
    pauseMs: Math.floor(random.next() * 2_500),
    first: Math.floor(random.next() * 2),
  };
}

const methods: Readonly<Record<Story, string | undefined>> = {
  'pays when ordering': 'pm_card_visa',
  'pays slowly': 'pm_card_slow',
  'is declined and pays again': 'pm_card_chargeDeclined',
  'pays later': undefined,
  cancels: 'pm_card_visa',
  'never pays': undefined,
  'gets some money back': 'pm_card_visa',
  'pays again what is paid': 'pm_card_visa',
  'uses a key again for something else': 'pm_card_visa',
  'sends nonsense first': 'pm_card_visa',
};
