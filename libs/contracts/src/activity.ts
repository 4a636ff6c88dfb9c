import { z } from 'zod';
import { Instant } from './message.js';

/** What a database takes for text: no control characters, no half of a surrogate pair. */
const Line = z
  .string()
  .max(500)
  .regex(/^\P{C}*$/u);

/**
 * That a call was answered. Said at most once, many in one message, and no message type: nothing is kept in an outbox for it, nobody waits for
 * the broker to have it, and nothing may depend on it.
 */
export const Activity = z.object({
  /** Of this call alone. */
  id: z.uuid(),
  at: Instant.refine((at) => at >= '1970', 'before there were such calls'),
  service: Line,
  instance: Line,
  method: Line,
  /** The pattern of the route. */
  route: Line,
  status: z.int().min(100).max(599),
  /** From the first header to the end of the answer. */
  durationMs: z.number().nonnegative(),
  /** `customer:alice`, `operator:olga`; left out when nobody is known. */
  caller: Line.optional(),
  orderId: z.uuid().optional(),
  traceId: Line,
});
export type Activity = z.infer<typeof Activity>;
