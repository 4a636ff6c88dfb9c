import { z } from 'zod';
import { messagingConfig, serviceConfig } from '#libs/service';

/** The environment that the notification service reads. */
export const notificationConfig = z.object({
  ...serviceConfig,
  ...messagingConfig,
  /** The mail server: `smtp://` (with STARTTLS when it offers that) or `smtps://`, and a login if it wants one. */
  SMTP_URL: z.url({ protocol: /^smtps?$/ }),
  /** The address that mail comes from. */
  MAIL_FROM: z.email(),
  /** Connections to the mail server that are open at once, per replica. */
  EMAIL_AT_ONCE: z.coerce.number().int().min(1).max(32).default(10),
  /**
   * The longest that handing over one mail may take. A mail whose process died while sending is tried again a little later than that. At
   * most 40: a consumer gives an answer up after 60 s, and one that is given up would be sent again.
   */
  SMTP_TIMEOUT_SECONDS: z.coerce.number().int().min(1).max(40).default(8),
  /** How often the live stream shows a sign of life. */
  LIVE_COMMENT_INTERVAL_MS: z.coerce.number().int().min(10).default(15_000),
  /** Signs the cursors of pages; the same for every replica. */
  CURSOR_SECRET: z.string().min(16),
});
export type NotificationConfig = z.infer<typeof notificationConfig>;
