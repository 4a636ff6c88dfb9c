import { z } from 'zod';
import { answerNames, refundAnswerNames, webhookNames } from '../scenarios/scenarios.js';

const weights = <Name extends string>(names: readonly Name[]) =>
  z
    .partialRecord(z.enum(names), z.number().min(0).max(1_000_000))
    .refine(
      (given) => Object.values<number | undefined>(given).some((weight) => (weight ?? 0) > 0),
      'has to give something a weight above 0',
    );

/** What can be drawn. An answer that is held would wait for ever: nobody knows that it was drawn. */
const drawn = answerNames.filter((name) => name !== 'held');

/** What `PUT /_faults` takes. What is left out is as it should be. */
export const FaultParameters = z.strictObject({
  /** The same seed draws the same sequence. */
  seed: z.number().int().min(0).max(4_294_967_295).default(1),
  mix: weights(drawn).optional(),
  webhooks: weights(webhookNames).optional(),
  refunds: weights(refundAnswerNames).optional(),
  down: z.boolean().default(false),
});

/** What `POST /_faults/release` takes. */
export const ReleaseParameters = z.strictObject({
  attemptId: z.string().min(1).max(255),
  what: z.enum(['answer', 'lose-answer', 'webhook']),
});
