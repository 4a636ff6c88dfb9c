import { z } from 'zod';

/** Why an operator does something: part of every action. */
export const Reason = z
  .string()
  .trim()
  .min(1)
  .max(500)
  .meta({ description: 'Why: it is kept with your name.', examples: ['the sender is mended'] });
