import { table } from '../output.js';
import { scenarios } from './plan.js';
import type { Seen } from './progress.js';

/** What became of the orders, a line for each scenario. */
export function summary(seen: readonly Seen[]): string[] {
  const rows = scenarios.map((scenario) => {
    const orders = seen.filter((order) => order.scenario === scenario);
    const took = orders.map(({ tookMs }) => tookMs).toSorted((a, b) => a - b);
    return [scenario, String(orders.length), endsOf(orders), inSeconds(took[took.length >> 1]), inSeconds(took.at(-1))];
  });
  return table(['scenario', 'orders', 'order and its payment', 'median', 'slowest'], rows);
}

/** For example `45 cancelled (voided), 5 refunded (refunded)`. */
function endsOf(orders: readonly Seen[]): string {
  const ends = new Map<string, number>();
  for (const { status, payment } of orders) {
    const end = `${status} (${payment ?? 'no payment'})`;
    ends.set(end, (ends.get(end) ?? 0) + 1);
  }
  return [...ends].map(([end, count]) => `${count} ${end}`).join(', ');
}

function inSeconds(ms: number | undefined): string {
  return ms === undefined ? '' : `${(ms / 1000).toFixed(1)} s`;
}
