import { z } from 'zod';
import { messagingConfig, secret, serviceConfig } from '#libs/service';

/** The environment that the console reads. */
export const consoleConfig = z.object({
  ...serviceConfig,
  ...messagingConfig,
  CURSOR_SECRET: secret(z.string().min(16), 'Signs the cursors of pages; the same for every replica.'),
});
export type ConsoleConfig = z.infer<typeof consoleConfig>;
