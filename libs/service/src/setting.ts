import { z } from 'zod';

/** A whole number, read from text. */
export const wholeNumber = z.coerce.number().int();

/** How long something is kept. */
export const days = wholeNumber.max(36_500);

/** Requests per second. */
export const rate = wholeNumber.min(0).max(1_000_000);
/** Requests at once. */
export const burst = wholeNumber.min(1).max(1_000_000);

/** What a setting may be, and what it means to whoever sets it; `leftOut` says what it is then, where no fixed default does. */
export function setting<Type extends z.ZodType>(type: Type, meaning: string, leftOut?: string): Type {
  return type.meta({ description: meaning, ...(leftOut !== undefined && { leftOut }) });
}

/** A setting that may also stand in a file, which `<name>_FILE` names, so that it is in no environment and no list of processes. */
export function secret<Type extends z.ZodType>(type: Type, meaning: string): Type {
  return type.meta({ description: meaning, secret: true });
}

/** What {@link setting} and {@link secret} were told. */
export const saidOf = (type: z.core.$ZodType): { description?: string; leftOut?: string; secret?: boolean } =>
  (type as z.ZodType).meta() ?? {};
