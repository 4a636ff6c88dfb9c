import { careless } from './contenders/careless/index.js';
import type { Contender } from './contenders/contender.js';
import { floor } from './contenders/floor/index.js';
import { orderly, perMessage } from './contenders/orderly/index.js';
import type { Size } from './measuring/run.js';

/** Those that take part, in their turns: whom orderly is compared with most stand right beside it. */
export const lineUp: readonly Contender[] = [careless, orderly, floor, perMessage];

/** These take some times as long for an order. */
const slow: readonly Contender[] = [careless, perMessage];

interface Burst {
  readonly warmUpOrders: number;
  readonly orders: number;
}

/** How much of everything. */
export interface Effort {
  readonly rounds: number;
  readonly burst: Burst;
  readonly slowBurst: Burst;
  readonly perSecond: number;
  readonly seconds: number;
}

export const full: Effort = {
  rounds: 3,
  burst: { warmUpOrders: 1_000, orders: 5_000 },
  slowBurst: { warmUpOrders: 500, orders: 1_000 },
  perSecond: 100,
  seconds: 20,
};

/** Less than three minutes on two cores that have nothing else to do. */
export const quick: Effort = {
  rounds: 1,
  burst: { warmUpOrders: 500, orders: 1_500 },
  slowBurst: { warmUpOrders: 500, orders: 500 },
  perSecond: 100,
  seconds: 5,
};

export function sizeFor(contender: Contender, { burst, slowBurst, perSecond, seconds }: Effort): Size {
  return { ...(slow.includes(contender) ? slowBurst : burst), perSecond, seconds };
}
