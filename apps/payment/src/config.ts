import { z } from 'zod';
import { burst, messagingConfig, rate, serviceConfig } from '#libs/service';

/** The environment that the payment service reads. */
export const paymentConfig = z.object({
  ...serviceConfig,
  ...messagingConfig,
  /** Stripe's API, or what speaks like it: the simulator of this project, or https://api.stripe.com. */
  PSP_BASE_URL: z.url({ protocol: /^https?$/ }),
  PSP_API_KEY: z.string().min(8),
  /** Signs what the provider tells us unasked. */
  PSP_WEBHOOK_SECRET: z.string().min(8),
  /** While a secret is being changed: the one before, which is taken as well. */
  PSP_WEBHOOK_SECRET_PREVIOUS: z.string().min(8).optional(),
  /** How often the provider may tell us something, from one address: so often a second in the long run (0: any), and so often at once. */
  WEBHOOK_RATE_PER_SECOND: rate.default(100),
  WEBHOOK_RATE_BURST: burst.default(200),
  /** How long the provider may take to answer before its answer counts as unknown. To give an attempt up takes up to five answers. */
  PSP_TIMEOUT_MS: z.coerce.number().int().min(100).max(10_000).default(10_000),
  /** The most questions to the provider at once, of this process. */
  PSP_CONCURRENCY: z.coerce.number().int().min(16).max(1000).default(64),
  /** How often each replica looks for attempts and refunds that nobody settles. */
  RECONCILE_SWEEP_INTERVAL_MS: z.coerce.number().int().min(10).default(15_000),
  /** How long an attempt or a refund is left to its messages. */
  RECONCILE_GRACE_SECONDS: z.coerce.number().int().min(1).default(60),
});
export type PaymentConfig = z.infer<typeof paymentConfig>;

/** Injects the {@link PaymentConfig}. */
export const PAYMENT_CONFIG = Symbol('PaymentConfig');
