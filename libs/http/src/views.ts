import { z } from 'zod';

/** An amount in the currency's smallest unit. */
export const MoneyView = z
  .object({
    amountMinor: z.int().meta({ description: 'In the smallest unit of the currency: cents.' }),
    currency: z.string().length(3).meta({ description: 'ISO 4217.' }),
  })
  .meta({ id: 'Money', examples: [{ amountMinor: 1299, currency: 'EUR' }] });

/** An instant in UTC, to the millisecond. */
export const InstantView = z.iso.datetime({ precision: 3 }).meta({ examples: ['2026-01-01T12:00:00.000Z'] });
