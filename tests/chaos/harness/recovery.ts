import type { Episode } from './nemesis.js';
import type { Sample } from './sampler.js';

/** Settled orders per second are counted over windows of this length, in milliseconds: in one second there are few. */
const windowMs = 4_000;
/** How long before an episode the throughput counts that it is compared with, in milliseconds. */
const beforeMs = 8_000;
const share = 0.9;

/**
 * How long it took from the end of an episode until orders were settled at 90 % of the rate before it, in milliseconds; null when that was
 * not seen before the samples end, or there was no throughput to compare with.
 * @param perSecond the rate at which orders are placed: what came before the first episode, or during a recovery, may be less
 */
export function recoveryMs(episode: Pick<Episode, 'from' | 'until'>, samples: readonly Sample[], perSecond: number): number | null {
  const known = samples.filter((sample): sample is Sample & { settled: number } => sample.settled !== null);
  const before = rateBetween(known, episode.from - beforeMs, episode.from);
  const wanted = share * Math.min(before ?? perSecond, perSecond);
  if (wanted <= 0) return null;
  for (const { at } of known) {
    if (at < episode.until) continue;
    const rate = rateBetween(known, at, at + windowMs);
    if (rate === undefined) return null;
    if (rate >= wanted) return at - episode.until;
  }
  return null;
}

/** Orders settled per second between two moments, by the samples that are nearest to them; undefined when there are too few. */
function rateBetween(samples: readonly (Sample & { settled: number })[], from: number, until: number): number | undefined {
  const within = samples.filter(({ at }) => at >= from && at <= until);
  const first = within[0];
  const last = within.at(-1);
  if (!first || !last || last.at - first.at < (until - from) / 2) return undefined;
  return ((last.settled - first.settled) * 1_000) / (last.at - first.at);
}
