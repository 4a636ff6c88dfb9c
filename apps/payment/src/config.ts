import { z } from 'zod';
import { burst, days, messagingConfig, rate, secret, serviceConfig, setting, wholeNumber } from '#libs/service';

/** The environment that the payment service reads. */
export const paymentConfig = z.object({
  ...serviceConfig,
  ...messagingConfig,
  IDEMPOTENCY_KEYS_KEPT_HOURS: setting(
    wholeNumber.min(24).max(8760).default(24),
    'How long the answer to an Idempotency-Key is given again. Callers are promised 24 hours.',
  ),
  PSP_BASE_URL: setting(
    z.url({ protocol: /^https?$/ }),
    "Stripe's API, or what speaks like it: the simulator of this project, or https://api.stripe.com.",
  ),
  PSP_API_KEY: secret(z.string().min(8), 'What the provider knows us by.'),
  PSP_WEBHOOK_SECRET: secret(z.string().min(8), 'Signs what the provider tells us unasked.'),
  PSP_WEBHOOK_SECRET_PREVIOUS: secret(
    z.string().min(8).optional(),
    'While a secret is being changed: the one before, which is taken as well.',
  ),
  WEBHOOK_RATE_PER_SECOND: setting(
    rate.default(100),
    'How often the provider may tell us something from one address, a second in the long run; 0 is any number.',
  ),
  WEBHOOK_RATE_BURST: setting(burst.default(200), 'How often the provider may tell us something from one address at once.'),
  PSP_TIMEOUT_MS: setting(
    wholeNumber.min(100).max(10_000).default(10_000),
    'How long the provider may take to answer before its answer counts as unknown. To give an attempt up takes up to five answers.',
  ),
  PSP_CONCURRENCY: setting(wholeNumber.min(16).max(1000).default(64), 'The most questions to the provider at once, of this process.'),
  PSP_EVENTS_KEPT_DAYS: setting(
    days.min(31).default(90),
    'How long it is known which events the provider has told: longer than it may tell them again, which Stripe does for 30 days.',
  ),
  RECONCILE_SWEEP_INTERVAL_MS: setting(
    wholeNumber.min(10).default(15_000),
    'How often each replica looks for attempts and refunds that nobody settles.',
  ),
  RECONCILE_GRACE_SECONDS: setting(wholeNumber.min(1).default(60), 'How long an attempt or a refund is left to its messages.'),
});
export type PaymentConfig = z.infer<typeof paymentConfig>;

/** Injects the {@link PaymentConfig}. */
export const PAYMENT_CONFIG = Symbol('PaymentConfig');
