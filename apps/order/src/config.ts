import { z } from 'zod';
import { defaultPaymentWindowSeconds } from '#libs/contracts';
import { burst, messagingConfig, rate, secret, serviceConfig, setting, wholeNumber } from '#libs/service';

/** The environment that the order service reads. */
export const orderConfig = z.object({
  ...serviceConfig,
  ...messagingConfig,
  IDEMPOTENCY_KEYS_KEPT_HOURS: setting(
    wholeNumber.min(24).max(8760).default(24),
    'How long the answer to an Idempotency-Key is given again. Callers are promised 24 hours.',
  ),
  PAYMENT_WINDOW_SECONDS: setting(
    wholeNumber.min(5).max(604_800).default(defaultPaymentWindowSeconds),
    "How long an order waits for its payment when its customer doesn't say. Another value than the default has no delay queue of its own.",
  ),
  PLACE_ORDER_RATE_PER_SECOND: setting(
    rate.default(10),
    'How often one caller may place an order, a second in the long run; 0 is any number.',
  ),
  PLACE_ORDER_RATE_BURST: setting(burst.default(20), 'How often one caller may place an order at once.'),
  CURSOR_SECRET: secret(z.string().min(16), 'Signs the cursors of pages; the same for every replica.'),
  REDIS_URL: secret(
    z.url({ protocol: /^rediss?$/ }).optional(),
    'A Redis that replicas share copies of products in; without it each has only its own.',
  ),
  PRODUCTS_FRESH_MS: setting(
    wholeNumber.min(1).max(3_600_000).default(60_000),
    'How long a copy of a product is taken for fresh, give or take a fifth. Copies of what has changed go at once.',
  ),
  FOLLOWED_ORDERS_INTERVAL_MS: setting(
    wholeNumber.min(10).default(1000),
    'How often each replica looks what has become of the orders whose events somebody follows.',
  ),
  LIVE_COMMENT_INTERVAL_MS: setting(wholeNumber.min(10).default(15_000), 'How often the live stream shows a sign of life.'),
  OVERDUE_SWEEP_INTERVAL_MS: setting(wholeNumber.min(10).default(5000), 'How often each replica looks for orders that no timer expired.'),
  OVERDUE_GRACE_SECONDS: setting(wholeNumber.min(0).default(10), 'How long past its deadline an order is left to its timer.'),
});
export type OrderConfig = z.infer<typeof orderConfig>;

/** Injects the {@link OrderConfig}. */
export const ORDER_CONFIG = Symbol('OrderConfig');
