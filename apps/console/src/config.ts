import { z } from 'zod';
import { days, messagingConfig, secret, serviceConfig, setting } from '#libs/service';

/** The environment that the console reads. */
export const consoleConfig = z.object({
  ...serviceConfig,
  ...messagingConfig,
  DEAD_LETTERS_KEPT_DAYS: setting(
    days.min(1).default(90),
    'How long a dead letter is kept after it was settled. One that is open is kept until it is.',
  ),
  AUDIT_TRAIL_KEPT_DAYS: setting(days.min(1).default(30), 'How long the audit trail knows what was said.'),
  ACTIVITY_KEPT_DAYS: setting(days.min(7).default(14), 'How long it is known what callers did. Whole days, in UTC, are forgotten.'),
  CURSOR_SECRET: secret(z.string().min(16), 'Signs the cursors of pages; the same for every replica.'),
});
export type ConsoleConfig = z.infer<typeof consoleConfig>;
