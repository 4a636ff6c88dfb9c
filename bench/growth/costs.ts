import { digits } from '../report/markdown.js';
import type { StockReport } from '../report/growth.js';
import { orderly } from '../contenders/orderly/index.js';
import { burst } from '../measuring/burst.js';
import { untilAtRest } from '../measuring/rest.js';
import { copiesOf, dropDatabases, groundFrom, groundOn, migratedDatabases, type DatabaseUrls } from '../seeding/databases.js';
import { countWaiting, placeWaitingOrders } from '../seeding/deadlines.js';
import { customers, finishedOrders, writeOrders } from '../seeding/orders.js';
import type { Workbench } from '../workbench.js';

/** Orders that are there before anything is measured. */
export interface Stock {
  readonly finished: number;
  /** Those that await their payment, with their deadlines in the delay queues. */
  readonly waiting: number;
}

export interface Size {
  readonly rounds: number;
  /** Before anything counts, in each round. */
  readonly warmUpOrders: number;
  readonly orders: number;
}

/** To more than these, a few rounds add nothing worth mentioning, and copying them takes long. */
const mostCopied = 500_000;
/** Above that, the checker walks through the books for minutes; they have been written by the same statements as smaller ones. */
const mostVerified = 150_000;
const restWithinMs = 120_000;

/** The cost of an order with each stock: by turns, and but for the largest on a fresh copy of the same databases each time. */
export async function costsByStock(stocks: readonly Stock[], size: Size, workbench: Workbench): Promise<StockReport[]> {
  const { progress, servers } = workbench;
  progress.begin('The tables');
  progress.show('being made');
  const empty = await migratedDatabases(workbench);
  const originals = new Map<number, DatabaseUrls>();
  for (const { finished } of stocks) {
    if (originals.has(finished)) continue;
    progress.show(`${digits(finished)} finished orders are written`);
    const urls = await copiesOf(empty, servers.postgresUrl);
    await writeOrders(urls, finishedOrders(finished, Date.now()));
    originals.set(finished, urls);
  }
  progress.end(`hold ${[...originals.keys()].map(digits).join(', ')} finished orders`);

  const reports = stocks.map((stock): StockReport => ({ ...stock, rounds: [] }));
  for (let round = 1; round <= size.rounds; round += 1) {
    // There and back again, so that nobody always comes first.
    for (const report of round % 2 === 1 ? reports : reports.toReversed()) {
      progress.begin(`Round ${round} of ${size.rounds}, ${digits(report.finished)} finished and ${digits(report.waiting)} waiting orders`);
      const cost = await costWith(report, originals.get(report.finished)!, size, round === 1, workbench);
      report.rounds.push(cost);
      progress.end(`${digits(cost.processorMs)} CPU-ms per order`);
    }
  }
  for (const urls of [empty, ...originals.values()]) await dropDatabases(urls, servers.postgresUrl);
  return reports;
}

async function costWith(stock: Stock, originals: DatabaseUrls, size: Size, isFirst: boolean, workbench: Workbench) {
  const { servers, counters, progress, watch } = workbench;
  progress.show('starting');
  const ground = stock.finished > mostCopied ? await groundOn(originals) : await groundFrom(originals, servers.postgresUrl);
  const running = await watch(orderly.start(ground));
  try {
    if (stock.waiting > 0) await placeWaitingOrders(ground, stock.waiting, (what) => progress.show(what));
    const place = (orders: number) => burst({ orders, customers }, running, ground, workbench);
    progress.show(`${size.warmUpOrders} orders to warm up`);
    await place(size.warmUpOrders);
    await untilAtRest(ground.vhost, counters, restWithinMs);
    progress.show(`${size.orders} orders as fast as it can`);
    const cost = await place(size.orders);
    await countWaiting(ground, stock.waiting);
    await untilAtRest(ground.vhost, counters, restWithinMs);
    if (isFirst && stock.finished + stock.waiting <= mostVerified) {
      progress.show('checking the books');
      const faults = await running.faults();
      if (faults.length > 0) throw new Error(`the books are wrong\n${faults.join('\n')}`);
    }
    return cost;
  } finally {
    await running.stop();
    await ground.clear();
  }
}
