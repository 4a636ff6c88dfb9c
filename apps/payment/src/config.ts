import { z } from 'zod';
import { serviceConfig } from '#libs/service';

/** The environment that the payment service reads. */
export const paymentConfig = z.object({
  ...serviceConfig,
  /** How long the scripted provider takes over `pm_card_slow`. */
  PSP_SLOW_CARD_MS: z.coerce.number().int().min(0).max(60_000).default(3_000),
});
export type PaymentConfig = z.infer<typeof paymentConfig>;
