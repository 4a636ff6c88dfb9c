import { z } from 'zod';
import { messagingConfig, serviceConfig } from '#libs/service';

/** The environment that the console reads. */
export const consoleConfig = z.object({
  ...serviceConfig,
  ...messagingConfig,
  /** Signs the cursors of pages; the same for every replica. */
  CURSOR_SECRET: z.string().min(16),
});
export type ConsoleConfig = z.infer<typeof consoleConfig>;
