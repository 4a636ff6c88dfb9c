import { z } from 'zod';
import { MoneyView } from '#libs/http';
import type { Product } from './product.entity.js';

export const ProductView = z
  .object({ sku: z.string(), name: z.string(), price: MoneyView })
  .meta({ id: 'Product', examples: [{ sku: 'MUG-STONEWARE', name: 'Stoneware mug', price: { amountMinor: 1299, currency: 'EUR' } }] });
export type ProductView = z.infer<typeof ProductView>;

export function productView({ sku, name, priceMinor, currency }: Product): ProductView {
  return { sku, name, price: { amountMinor: priceMinor, currency } };
}

/** Whether to ask at all. Postgres knows no NUL in a text and would refuse the question, and nobody is to fill a cache with novels. */
export const couldBeSku = (text: string): boolean => text.length <= 64 && !text.includes('\0');
