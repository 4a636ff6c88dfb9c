import type { SeededRandom } from '#libs/testing';
import type { DelayReport } from '../report/delay.js';

export type Paced = Pick<DelayReport, 'perSecond' | 'seconds' | 'windows'>;

/** An order to be placed. */
export interface PlannedOrder {
  /** In ms from the beginning. */
  readonly placeAt: number;
  readonly windowSeconds: number;
}

/**
 * Orders in the order in which they are placed, so that as many as wanted fall due in each second: the longest window passes before the
 * first of them does, and each is placed as long before as its window says.
 */
export function planOrders({ perSecond, seconds, windows: { least, most } }: Paced, random: SeededRandom): PlannedOrder[] {
  return Array.from({ length: perSecond * seconds }, (_, index) => {
    const windowSeconds = least + Math.floor(random.next() * (most - least + 1));
    return { windowSeconds, placeAt: (most - windowSeconds) * 1000 + (index * 1000) / perSecond };
  }).toSorted((one, other) => one.placeAt - other.placeAt);
}
