/** `npm run bench:delay`: how exactly deadlines are kept while very many wait, and how fast those go that fall due together. */
import { orderly } from './contenders/orderly/index.js';
import { deadlinesAtOnce } from './delay/at-once.js';
import { steadyDeadlines } from './delay/steady.js';
import { untilAtRest } from './measuring/rest.js';
import { delayTable } from './report/delay.js';
import { digits } from './report/markdown.js';
import { placeWaitingOrders } from './seeding/deadlines.js';
import { runOwnBench } from './workbench.js';

await runOwnBench({
  key: 'delay',
  about: 'how late deadlines are while very many others wait',
  takes: { full: '100,000 others; under five minutes', quick: '10,000 others; under two minutes' },
  async take({ servers, counters, progress, watch }, quick) {
    const { outstanding, together, paced } = quick
      ? { outstanding: 10_000, together: 2_000, paced: { perSecond: 50, seconds: 15, windows: { least: 5, most: 20 } } }
      : { outstanding: 100_000, together: 20_000, paced: { perSecond: 50, seconds: 60, windows: { least: 5, most: 60 } } };
    const show = (what: string) => progress.show(what);
    const ground = await servers.ground();
    const running = await watch(orderly.start(ground));
    const databaseUrl = ground.databaseUrls.order;

    progress.begin(`${digits(outstanding)} deadlines far ahead`);
    const waiting = await placeWaitingOrders(ground, outstanding, show);
    await untilAtRest(ground.vhost, counters, 60_000);
    progress.end(`${digits(waiting.inLane)} wait in the lane, ${digits(waiting.inCascade)} in the cascade`);

    progress.begin(`${paced.perSecond} deadlines a second for ${paced.seconds} s`);
    const steady = await steadyDeadlines(running.url, databaseUrl, paced, show);
    progress.end(`p99 ${digits(steady.p99)} ms late, ${steady.early} early`);

    progress.begin(`${digits(together)} deadlines of one moment`);
    const atOnce = await deadlinesAtOnce(databaseUrl, together, show);
    progress.end(`the last ${digits(atOnce.most)} ms late, ${atOnce.early} early`);
    if (steady.early + atOnce.early > 0) throw new Error(`${steady.early + atOnce.early} deadlines came too early`);

    progress.begin('The books');
    progress.show('being checked');
    const faults = await running.faults();
    progress.end(faults.length === 0 ? 'are right' : 'are wrong');
    if (faults.length > 0) throw new Error(faults.join('\n'));
    await running.stop();
    return { outstanding: waiting, ...paced, steady, atOnce };
  },
  show: delayTable,
});
