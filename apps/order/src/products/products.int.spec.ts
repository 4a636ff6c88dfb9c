import { register } from 'prom-client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ProductRepriced } from '#libs/contracts';
import { asOperator, eventually, MessageProbe, startRedis } from '#libs/testing';
import { OrderService } from '../order-service.spec-support.js';
import { jittered } from './product-cache.js';

let service: OrderService;
beforeAll(async () => {
  service = await OrderService.start();
});
afterAll(() => service?.stop());

const priceAt = async (url: string, sku: string) => {
  const answer = await fetch(`${url}/products/${sku}`);
  return ((await answer.json()) as { price?: { amountMinor: number } }).price?.amountMinor ?? answer.status;
};
const listedAt = async (url: string, sku: string) => {
  const { items } = (await (await fetch(`${url}/products`)).json()) as { items: { sku: string; price: { amountMinor: number } }[] };
  return items.find((product) => product.sku === sku)?.price.amountMinor;
};
const setPrice = (url: string, sku: string, body: object, caller: Record<string, string> = asOperator('olga')) =>
  fetch(`${url}/products/${sku}/price`, {
    method: 'PUT',
    headers: { ...caller, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
const euros = (amountMinor: number) => ({ amountMinor, currency: 'EUR' });

/** How many reads came from there, in this process. */
async function readsFrom(place: 'memory' | 'redis' | 'database' | 'stale'): Promise<number> {
  const { values } = await register.getSingleMetric('orderly_product_reads_total')!.get();
  return values.find(({ labels }) => labels['from'] === place)?.value ?? 0;
}

/** Holds the table of products, so that whoever asks for one waits, while `work` goes on with how many wait. */
async function whileProductsAreHeld<Result>(work: (waiting: () => Promise<number>) => Promise<Result>): Promise<Result> {
  return service.rows.transaction(async (holder) => {
    await holder.query('LOCK TABLE products IN ACCESS EXCLUSIVE MODE');
    return work(async () => {
      const [row] = await service.rows.query<{ waiting: number }[]>(
        `SELECT count(*)::integer AS waiting FROM pg_locks WHERE relation = 'products'::regclass AND NOT granted`,
      );
      return row!.waiting;
    });
  });
}

describe('the products', () => {
  it('can be seen by anybody', async () => {
    const { items, next } = (await (await service.get('/products', {})).json()) as { items: { sku: string }[]; next: null };
    expect(next).toBeNull();
    expect(items).toHaveLength(9);
    const one = await service.get('/products/MUG-STONEWARE', {});
    expect(await one.json()).toEqual({ sku: 'MUG-STONEWARE', name: 'Stoneware mug', price: { amountMinor: 1299, currency: 'EUR' } });
  });

  it.each(['MUG-PORCELAIN', '%00', 'mug-stoneware', 'M'.repeat(1000)])('does not know %s', async (sku) => {
    const answer = await service.get(`/products/${sku}`, {});
    expect([answer.status, await answer.json()]).toMatchObject([404, { type: '/problems/product-not-found' }]);
  });
});

describe('a price', () => {
  it('that an operator changes is seen on every replica, and said once', async () => {
    const replica = await service.replica();
    const said = await MessageProbe.listen(service.vhost.url, 'orderly.events', ProductRepriced.name);
    try {
      for (const { url } of [service, replica]) {
        expect([await priceAt(url, 'SCALE-DIGITAL'), await listedAt(url, 'SCALE-DIGITAL')]).toEqual([3990, 3990]);
      }
      for (const price of [4190, 4190]) {
        const answer = await setPrice(replica.url, 'SCALE-DIGITAL', euros(price));
        expect([answer.status, await answer.json()]).toMatchObject([200, { sku: 'SCALE-DIGITAL', price: euros(4190) }]);
      }
      await eventually(
        async () => {
          for (const { url } of [service, replica]) {
            expect([await priceAt(url, 'SCALE-DIGITAL'), await listedAt(url, 'SCALE-DIGITAL')]).toEqual([4190, 4190]);
          }
        },
        { within: 1_000 },
      );
      expect((await setPrice(service.url, 'SCALE-DIGITAL', euros(3990))).status).toBe(200);
      await eventually(() =>
        expect(said.messages.map(({ body }) => body)).toEqual([4190, 3990].map((price) => ({ sku: 'SCALE-DIGITAL', price: euros(price) }))),
      );
    } finally {
      await Promise.all([said.close(), replica.close()]);
    }
  });

  it('of an order is read in its own transaction, whatever is shown', async () => {
    expect(await priceAt(service.url, 'PAPER-FILTERS-100')).toBe(450);
    await service.rows.query(`UPDATE products SET price_minor = 470 WHERE sku = 'PAPER-FILTERS-100'`);
    const { total } = await service.place({ items: [{ sku: 'PAPER-FILTERS-100', quantity: 1 }] });
    expect(total).toEqual(euros(470));
    expect(await priceAt(service.url, 'PAPER-FILTERS-100')).toBe(450);
  });

  it.each([
    ['nothing', {}],
    ['less than a cent', euros(0)],
    ['half a cent', euros(0.5)],
    ['another currency', { amountMinor: 100, currency: 'USD' }],
    ['more than it is told', { ...euros(100), from: 'tomorrow' }],
  ])('is not changed by %s', async (_, body) => {
    expect((await setPrice(service.url, 'MUG-STONEWARE', body)).status).toBe(422);
  });

  it('is changed by operators, of products that there are', async () => {
    expect((await setPrice(service.url, 'MUG-PORCELAIN', euros(100))).status).toBe(404);
    expect((await setPrice(service.url, 'MUG-STONEWARE', euros(100), {})).status).toBe(401);
  });
});

describe('a copy of a product', () => {
  it('is fetched by one query for all who miss it at once, also of a product that there is not', async () => {
    for (const [sku, expected] of [
      ['TEAPOT-CAST-IRON', 6450],
      ['NO-SUCH-TEAPOT', 404],
    ] as const) {
      const asked = await whileProductsAreHeld(async (waiting) => {
        const answers = Promise.all(Array.from({ length: 50 }, () => priceAt(service.url, sku)));
        await eventually(async () => expect(await waiting()).toBe(1));
        // Whoever comes later waits with the first.
        const later = priceAt(service.url, sku);
        expect(await waiting()).toBe(1);
        return [answers, later] as const;
      });
      const answers = (await Promise.all(asked)).flat();
      expect(answers).toEqual(Array(51).fill(expected));
    }
  });

  it('that has aged is shown while the database is slow or knows no answer, and never instead of a new one', async () => {
    const short = await OrderService.start({ PRODUCTS_FRESH_MS: '1' });
    try {
      const { url, rows } = short;
      expect(await priceAt(url, 'COFFEE-GRINDER')).toBe(5900);
      await rows.transaction(async (holder) => {
        await holder.query(`UPDATE products SET price_minor = 6100 WHERE sku = 'COFFEE-GRINDER'`);
        await holder.query('LOCK TABLE products IN ACCESS EXCLUSIVE MODE');
        const stale = await readsFrom('stale');
        expect(await priceAt(url, 'COFFEE-GRINDER')).toBe(5900);
        expect(await readsFrom('stale')).toBe(stale + 1);
      });
      await eventually(async () => expect(await priceAt(url, 'COFFEE-GRINDER')).toBe(6100));
      await rows.query('ALTER TABLE products RENAME TO hidden');
      expect(await priceAt(url, 'COFFEE-GRINDER')).toBe(6100);
      expect(await priceAt(url, 'NEVER-ASKED-FOR')).toBe(500);
    } finally {
      await short.stop();
    }
  });

  it('ages at another moment than the copies that were made with it', () => {
    const lifetimes = Array.from({ length: 1000 }, () => jittered(60_000));
    expect(Math.min(...lifetimes)).toBeGreaterThanOrEqual(48_000);
    expect(Math.max(...lifetimes)).toBeLessThanOrEqual(72_000);
    expect(new Set(lifetimes).size).toBeGreaterThan(500);
  });
});

describe('Redis', () => {
  it('lends its copies to replicas that have none, and is missed by nobody when it freezes or goes', async (context) => {
    const redis = (await startRedis()) ?? context.skip('there is no redis-server on this machine, and no apt-get');
    const shared = await OrderService.start({ REDIS_URL: redis.url });
    try {
      expect(await priceAt(shared.url, 'FRENCH-PRESS-1L')).toBe(3450);
      // What nobody has said: only a copy that was taken from Redis can still have the old price.
      await shared.rows.query('UPDATE products SET price_minor = 1');
      const replica = await shared.replica();
      try {
        const fromRedis = await readsFrom('redis');
        expect(await priceAt(replica.url, 'FRENCH-PRESS-1L')).toBe(3450);
        expect(await readsFrom('redis')).toBe(fromRedis + 1);
        // And what is said goes from Redis as from memory.
        await setPrice(shared.url, 'FRENCH-PRESS-1L', euros(3650));
        await eventually(
          async () => {
            for (const { url } of [shared, replica]) expect(await priceAt(url, 'FRENCH-PRESS-1L')).toBe(3650);
          },
          { within: 1_000 },
        );
        redis.signal('SIGSTOP');
        expect(await priceAt(replica.url, 'KETTLE-GOOSENECK')).toBe(1);
        redis.signal('SIGCONT');
        await redis.stop();
        expect(await priceAt(replica.url, 'TEA-DARJEELING-250G')).toBe(1);
        expect(await listedAt(shared.url, 'TEA-DARJEELING-250G')).toBe(1);
        expect(await (await fetch(`${replica.url}/health/ready`)).json()).toMatchObject({ status: 'up' });
      } finally {
        await replica.close();
      }
    } finally {
      await shared.stop();
      await redis.stop();
    }
  });
});
