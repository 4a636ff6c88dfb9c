import { retryDelaysSeconds } from '#libs/contracts';

/** Tries are counted as far as they matter: the count must not outgrow its column in a year of asking. */
export const mostCounted = 1000;

/**
 * When to ask the provider again about what it left open: as the retries of messages, for each of which the delay service has a queue of
 * its own, and after the last of them at that pace for ever, since money is never given up.
 * @param before how often it was asked for before
 */
export function nextTry(before: number): { readonly due: Date; readonly inSeconds: number } {
  const inSeconds = retryDelaysSeconds[Math.min(before, retryDelaysSeconds.length - 1)]!;
  return { inSeconds, due: new Date(Date.now() + inSeconds * 1000) };
}
