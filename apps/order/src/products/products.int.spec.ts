import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { OrderService } from '../order-service.spec-support.js';

describe('the products', () => {
  let service: OrderService;
  beforeAll(async () => {
    service = await OrderService.start();
  });
  afterAll(() => service?.stop());

  it('can be seen by anybody', async () => {
    const { items, next } = (await (await service.get('/products', {})).json()) as { items: { sku: string }[]; next: null };
    expect(next).toBeNull();
    expect(items).toHaveLength(9);
    const one = await service.get('/products/MUG-STONEWARE', {});
    expect(await one.json()).toEqual({ sku: 'MUG-STONEWARE', name: 'Stoneware mug', price: { amountMinor: 1299, currency: 'EUR' } });
  });

  it.each(['MUG-PORCELAIN', '%00', 'mug-stoneware'])('does not know %s', async (sku) => {
    const answer = await service.get(`/products/${sku}`, {});
    expect([answer.status, await answer.json()]).toMatchObject([404, { type: '/problems/product-not-found' }]);
  });
});
