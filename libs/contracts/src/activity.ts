import { z } from 'zod';
import { Instant } from './message.js';

/**
 * That a call was answered. Said at most once, many in one message, and no message type: nothing is kept in an outbox for it, nobody waits for
 * the broker to have it, and nothing may depend on it.
 */
export const Activity = z.object({
  /** Of this call alone. */
  id: z.uuid(),
  at: Instant,
  service: z.string(),
  instance: z.string(),
  method: z.string(),
  /** The pattern of the route. */
  route: z.string(),
  status: z.int(),
  /** From the first header to the end of the answer. */
  durationMs: z.number().nonnegative(),
  /** `customer:alice`, `operator:olga`; left out when nobody is known. */
  caller: z.string().optional(),
  orderId: z.uuid().optional(),
  traceId: z.string(),
});
export type Activity = z.infer<typeof Activity>;
