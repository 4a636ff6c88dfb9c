import { z } from 'zod';
import { shortestInboxDays } from '#libs/contracts';
import { days, messagingConfig, secret, serviceConfig, setting, wholeNumber } from '#libs/service';

const cidr = z.union([z.cidrv4(), z.cidrv6()], 'networks such as 127.0.0.0/8, with commas between them');
const listed = (text: string) => text.split(',').map((part) => part.trim());

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
  WEBHOOK_SECRETS_KEY: secret(
    z.string().min(16),
    'Encrypts the secrets of webhook endpoints in the database; the same for every replica. With another one they cannot be read any more.',
  ),
  WEBHOOK_ALLOWED_NETWORKS: setting(
    z.string().transform(listed).pipe(z.array(cidr)).default([]),
    'Networks that webhooks may be sent to though they are not public, with commas between them. For development and tests.',
  ),
  WEBHOOK_ALLOW_HTTP: setting(z.stringbool().default(false), 'Whether endpoints without TLS are taken. For development and tests.'),
  WEBHOOK_TIMEOUT_SECONDS: setting(
    wholeNumber.min(1).max(30).default(10),
    "The longest that one try may take, from the name's resolution to the first line of the answer.",
  ),
  WEBHOOK_AT_ONCE: setting(
    wholeNumber.min(1).max(32).default(8),
    'Tries that are under way at one endpoint at once, per replica: a slow one holds up itself.',
  ),
  WEBHOOK_RETRY_SECONDS: setting(
    z
      .string()
      .default('5,300,1800,7200,18000,36000,50400')
      .transform((text) => listed(text).map(Number))
      .pipe(z.array(z.int().min(1).max(604_800)).max(20)),
    'Seconds between the tries of a delivery; after the last one it has failed.',
  ),
  WEBHOOK_DISABLE_AFTER_FAILED: setting(
    wholeNumber.min(1).default(5),
    'Deliveries that failed in a row, each after its last try, until their endpoint is disabled.',
  ),
  WEBHOOK_SWEEP_INTERVAL_MS: setting(wholeNumber.min(10).default(30_000), 'How often each replica looks for tries whose message was lost.'),
  WEBHOOK_GRACE_SECONDS: setting(wholeNumber.min(0).default(60), 'How late the message of a try may be until it counts as lost.'),
  OPERATORS_EMAIL: setting(
    z.email().optional(),
    'Who is told by e-mail when an endpoint is disabled. Left out: the log says it, and `GET /webhook-endpoints`.',
  ),
  WEBHOOK_DELIVERIES_KEPT_DAYS: setting(
    days.min(shortestInboxDays).default(90),
    'How long the log of a delivery that has ended is kept, with every try. No event that it answers comes again then.',
  ),
  CURSOR_SECRET: secret(z.string().min(16), 'Signs the cursors of pages; the same for every replica.'),
});
export type NotificationConfig = z.infer<typeof notificationConfig>;

/** Injects the {@link NotificationConfig}. */
export const NOTIFICATION_CONFIG = Symbol('NotificationConfig');
