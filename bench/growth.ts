/** `npm run bench:growth`: whether an order costs more when there are many already, and how fast a backlog goes. */
import { backlogOf } from './growth/backlog.js';
import { costsByStock } from './growth/costs.js';
import { backlogTable, doubtsAboutGrowth, growthTable } from './report/growth.js';
import { runOwnBench } from './workbench.js';

await runOwnBench({
  key: 'growth',
  about: 'what an order costs when there are many already, and how fast a full outbox empties',
  takes: {
    full: 'up to a million orders, three rounds; about ten minutes and 15 GB of disk',
    quick: 'up to 20,000 orders, one round; under three minutes',
  },
  async take(workbench, quick) {
    const small = { finished: 1_000, waiting: 0 };
    const stocks = quick
      ? [small, { finished: 10_000, waiting: 0 }, { finished: 20_000, waiting: 0 }, { finished: 1_000, waiting: 10_000 }]
      : [small, { finished: 100_000, waiting: 0 }, { finished: 1_000_000, waiting: 0 }, { finished: 1_000, waiting: 100_000 }];
    const size = quick ? { rounds: 1, warmUpOrders: 500, orders: 1_500 } : { rounds: 3, warmUpOrders: 1_000, orders: 4_000 };
    const costs = await costsByStock(stocks, size, workbench);
    return { ...size, stocks: costs, backlog: await backlogOf(quick ? 10_000 : 100_000, workbench) };
  },
  show: (report) => [...growthTable(report), '', ...backlogTable(report), ...doubtsAboutGrowth(report)],
});
