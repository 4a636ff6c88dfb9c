import type { Machine } from '../measuring/machine.js';

/** Where and how figures were taken. */
export interface Provenance {
  /** The day, as ISO 8601. */
  readonly takenOn: string;
  readonly command: string;
  readonly machine: Machine;
}
