import { z } from 'zod';
import { event, Money } from './message.js';

/** An operator changed what a product costs. The envelope's sequence is the product's version after it; its subject is the sku. */
export const ProductRepriced = event('product.repriced.v1', {
  schema: z.object({ sku: z.string().min(1), price: Money }),
  example: { sku: 'MUG-STONEWARE', price: { amountMinor: 1399, currency: 'EUR' } },
});
