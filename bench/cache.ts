/** `npm run bench:cache`: how long reading a product takes by where it comes from, and how often it has to come from the database. */
import { ServiceProcess, startRedis, testVhost } from '#libs/testing';
import { fillShop, productNames } from './cache/products.js';
import { readProducts } from './cache/readers.js';
import type { LevelReport, ShareReport } from './report/cache.js';
import { cacheTables } from './report/cache.js';
import { digits } from './report/markdown.js';
import { runOwnBench } from './workbench.js';

const secret = 'a secret of the bench';

await runOwnBench({
  key: 'cache',
  about: 'what reading a product takes by level, and how often each level has it',
  takes: { full: '5,000 products, a minute and a half', quick: '1,000 products, half a minute' },
  async take({ servers, progress, watch }, quick) {
    const { count, seconds, freshSeconds } = quick
      ? { count: 1_000, seconds: 6, freshSeconds: 3 }
      : { count: 5_000, seconds: 30, freshSeconds: 10 };
    const show = (what: string) => progress.show(what);
    const { databaseUrls } = await servers.ground();
    const redis = await watch(requireRedis());

    /** Two replicas that have nothing in memory yet, of a broker and with a Redis that know nothing of others. */
    const replicas = async (own: Readonly<Record<string, string>>) => {
      const { url: RABBITMQ_URL } = await testVhost('cache');
      const environment = {
        NODE_ENV: 'production',
        LOG_LEVEL: 'warn',
        CURSOR_SECRET: secret,
        DATABASE_URL: databaseUrls.order,
        RABBITMQ_URL,
        ...own,
      };
      const started = [0, 1].map(() => watch(ServiceProcess.start('order', environment)));
      const services = await Promise.all(started);
      await Promise.all(services.map((service) => service.ready()));
      return {
        urls: services.map(({ baseUrl }) => baseUrl),
        stop: () => Promise.all(services.map((service) => service.stop())),
      };
    };

    const levels: LevelReport[] = [];
    const two = await replicas({ REDIS_URL: `${redis.url}/0` });
    await fillShop(databaseUrls.order, count);
    const names = productNames(count);
    const [first, second] = two.urls as [string, string];
    for (const [level, url] of [
      ['database', first],
      ['redis', second],
      ['memory', second],
    ] as const) {
      progress.begin(`Each of ${digits(count)} products once, from ${level}`);
      const { reads, latency, perSecond, shares } = await readProducts([url], { each: names }, show);
      progress.end(`p50 ${digits(latency.p50)} ms, p99 ${digits(latency.p99)} ms`);
      if (shares[level] < 0.99) throw new Error(`only ${digits(shares[level] * 100)} % of them came from ${level}`);
      levels.push({ level, reads, latency, perSecond });
    }
    await two.stop();

    const mixes: ShareReport[] = [];
    for (const [title, own] of [
      ['memory alone', {}],
      ['memory and Redis', { REDIS_URL: `${redis.url}/1` }],
    ] as const) {
      const cold = await replicas({ ...own, PRODUCTS_FRESH_MS: String(freshSeconds * 1000) });
      progress.begin(`Customers at two replicas, ${title}`);
      const { reads, latency, shares } = await readProducts(cold.urls, { popular: names, seconds, repricedPerSecond: 5 }, show);
      progress.end(`${digits(shares.database * 100)} % from the database`);
      mixes.push({ title, reads, latency, shares });
      await cold.stop();
    }
    return { products: count, seconds, freshSeconds, levels, mixes };
  },
  show: cacheTables,
});

/** @throws where there is none */
async function requireRedis() {
  const redis = await startRedis();
  if (!redis) throw new Error('this takes a Redis: there is no redis-server here, nor an apt-get to fetch it with');
  return redis;
}
