import type { SeededRandom } from '#libs/testing';
import type { ClientLedger } from './client-ledger.js';
import type { ChaosWorld, Profile } from './world.js';

/** What is done to the system, and how it is known that it was done. */
export interface Fault {
  /** Whom it hits, for example `order-2`. */
  readonly target: string;
  /** What no other fault may touch meanwhile. */
  readonly touches: readonly string[];
  /** How long it lasts once it has taken effect, in milliseconds; a blow that is over at once has no length. */
  readonly lastsMs?: number;
  apply(): Promise<unknown> | void;
  /** Shows, in a few words, that it has taken effect. Asked again until it does; one that never shows it is a fault of the harness. */
  tookEffect(): Promise<string> | string;
  /** Puts everything back; comes back when what was hit answers again. */
  heal(): Promise<unknown> | void;
}

/** What faults work with. */
export interface Stage {
  readonly world: ChaosWorld;
  readonly random: SeededRandom;
  readonly ledger: ClientLedger;
  /** Messages that nobody can read, by their id: each has to end as a dead letter. */
  readonly poison: Set<string>;
}

/** A kind of fault: makes one, for a target and in a strength that are drawn. */
export interface FaultKind {
  readonly kind: string;
  /** In one sentence, for the report. */
  readonly about: string;
  /** Left out: both. */
  readonly profile?: Profile;
  /** Why it cannot be done on this machine; undefined when it can. */
  readonly skipped?: (world: ChaosWorld) => string | undefined;
  readonly draw: (stage: Stage) => Fault;
}

/** Says that a condition holds, in words, or throws them. */
export function shown(holds: boolean, words: string): string {
  if (!holds) throw new Error(`not so: ${words}`);
  return words;
}

/** From `least` up to `most`. */
export function between(random: SeededRandom, least: number, most: number): number {
  return Math.round(least + random.next() * (most - least));
}
