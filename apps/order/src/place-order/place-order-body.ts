import { z } from 'zod';
import { PaymentMethod } from '#libs/contracts';

/** Without control characters: Postgres cannot even be asked about a NUL. */
const Sku = z
  .string()
  .min(1)
  .max(64)
  .regex(/^\P{Cc}*$/u)
  .meta({ examples: ['MUG-STONEWARE'] });

const WithSku = z.object({ sku: Sku });
const Line = z.strictObject({
  sku: Sku,
  quantity: z.int().min(1).max(100),
});

/** Marks every line that repeats the sku of an earlier one, also where other members of the lines are wrong. */
const Lines = z
  .array(Line)
  .min(1)
  .max(50)
  .superRefine(
    (lines: readonly unknown[], context) => {
      const seen = new Set<unknown>();
      for (const [index, line] of lines.entries()) {
        const sku = skuOf(line);
        if (sku === undefined) continue;
        if (seen.has(sku)) {
          context.addIssue({
            code: 'custom',
            path: [index, 'sku'],
            message: 'is in an earlier line already',
            params: { code: 'duplicate-sku' },
          });
        }
        seen.add(sku);
      }
    },
    { when: ({ value }) => Array.isArray(value) },
  );

/** The sku of what may be no proper line; undefined when it has none that could be a product's. */
export function skuOf(line: unknown): string | undefined {
  return WithSku.safeParse(line).data?.sku;
}

/** What `POST /orders` takes. Prices are not among it: they are read from the products. */
export const PlaceOrderBody = z
  .strictObject({
    items: Lines,
    email: z.email().max(254),
    paymentMethod: PaymentMethod.meta({ examples: ['pm_card_visa'] }).optional(),
    paymentWindowSeconds: z
      .int()
      .min(5)
      .max(604_800)
      .optional()
      .meta({ examples: [900] }),
  })
  .meta({ id: 'PlaceOrder' });
export type PlaceOrderBody = z.infer<typeof PlaceOrderBody>;
