import type { OpenSystem, Part } from './system.js';

/** Something that has to be true of the system, and how to find out. To add one, add an entry to a file of `checks/`. */
export interface Check {
  /** For people and machines, for example `ledger-balances`. */
  readonly name: string;
  /** What is true when nothing is wrong, in one sentence. */
  readonly about: string;
  /** `always`: also while the services work. `at rest`: once they have nothing left to do. */
  readonly holds: 'always' | 'at rest';
  /** What it looks at. Where a part was not given, the check is skipped, out loud. */
  readonly needs: readonly Part[];
  run(system: OpenSystem): Promise<Finding>;
}

/** What a check has found. */
export interface Finding {
  /** How many things were looked at. */
  readonly checked: number;
  readonly offenders: Offenders;
}

/** What one check says of the system. */
export interface CheckResult {
  readonly name: string;
  readonly about: string;
  readonly checked: number;
  /** How many offend; `offenders` names the first of them. */
  readonly violations: number;
  /** Each an id and a word why. */
  readonly offenders: readonly string[];
  /** Why it was not checked. */
  readonly skipped?: string;
}

/** Counts what offends, and remembers the first of it by name: there may be millions. */
export class Offenders {
  static readonly mostNamed = 20;

  readonly named: string[] = [];
  private total = 0;

  get count(): number {
    return this.total;
  }

  /** @param count how many this one line stands for */
  add(line: string, count = 1): void {
    this.total += count;
    if (this.named.length < Offenders.mostNamed) this.named.push(line);
  }

  addUnnamed(count: number): void {
    this.total += count;
  }

  addAll(lines: Iterable<string>): void {
    for (const line of lines) this.add(line);
  }
}
