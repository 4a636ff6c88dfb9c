import { z } from 'zod';
import { defaultPaymentWindowSeconds } from '#libs/contracts';
import { burst, messagingConfig, rate, serviceConfig } from '#libs/service';

/** The environment that the order service reads. */
export const orderConfig = z.object({
  ...serviceConfig,
  ...messagingConfig,
  /** How long an order waits for its payment when its customer doesn't say. Another value than the default has no delay queue of its own. */
  PAYMENT_WINDOW_SECONDS: z.coerce.number().int().min(5).max(604_800).default(defaultPaymentWindowSeconds),
  /** How often one caller may place an order: so often a second in the long run (0: any), and so often at once. */
  PLACE_ORDER_RATE_PER_SECOND: rate.default(10),
  PLACE_ORDER_RATE_BURST: burst.default(20),
  /** Signs the cursors of pages; the same for every replica. */
  CURSOR_SECRET: z.string().min(16),
  /** How often each replica looks for orders that no timer expired. */
  OVERDUE_SWEEP_INTERVAL_MS: z.coerce.number().int().min(10).default(5000),
  /** How long past its deadline an order is left to its timer. */
  OVERDUE_GRACE_SECONDS: z.coerce.number().int().min(0).default(10),
});
export type OrderConfig = z.infer<typeof orderConfig>;

/** Injects the {@link OrderConfig}. */
export const ORDER_CONFIG = Symbol('OrderConfig');
