import { z } from 'zod';
import { event } from './message.js';

/**
 * A message that an operator has replayed was committed by the queue that had failed at it: it was handled now, or turned out to have been
 * handled before. One that fails again says nothing, and comes back as a dead letter.
 */
export const DeadLetterReplayed = event('dead-letter.replayed.v1', {
  schema: z.object({
    replayId: z.uuid(),
    messageId: z.uuid(),
    queue: z.string(),
    outcome: z.enum(['done', 'duplicate']),
  }),
  example: {
    replayId: '0199b3a0-0000-7000-8000-000000000006',
    messageId: '0199b3a0-0000-7000-8000-000000000007',
    queue: 'payment.capture-payment',
    outcome: 'done' as const,
  },
});
