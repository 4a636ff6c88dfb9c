import { z } from 'zod';
import { shortestInboxDays } from '#libs/contracts';
import { days, messagingConfig, secret, serviceConfig, setting, wholeNumber } from '#libs/service';

/** The environment that the notification service reads. */
export const notificationConfig = z.object({
  ...serviceConfig,
  ...messagingConfig,
  SMTP_URL: secret(
    z.url({ protocol: /^smtps?$/ }),
    'The mail server: `smtp://` (with STARTTLS when it offers that) or `smtps://`, and a login if it wants one.',
  ),
  MAIL_FROM: setting(z.email(), 'The address that mail comes from.'),
  EMAIL_AT_ONCE: setting(wholeNumber.min(1).max(32).default(10), 'Connections to the mail server that are open at once, per replica.'),
  SMTP_TIMEOUT_SECONDS: setting(
    wholeNumber.min(1).max(40).default(8),
    // A consumer gives an answer up after 60 s, and a mail that is given up would be sent again.
    'The longest that handing over one mail may take. A mail whose process died while sending is tried again a little later than that.',
  ),
  LIVE_COMMENT_INTERVAL_MS: setting(wholeNumber.min(10).default(15_000), 'How often the live stream shows a sign of life.'),
  NOTIFICATIONS_KEPT_DAYS: setting(
    days.min(shortestInboxDays).default(400),
    'How long a notification that was sent, or refused for good, is kept with its recipient. No message that it answers comes again then.',
  ),
  CURSOR_SECRET: secret(z.string().min(16), 'Signs the cursors of pages; the same for every replica.'),
});
export type NotificationConfig = z.infer<typeof notificationConfig>;
