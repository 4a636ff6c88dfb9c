import { Offenders, type Check } from './check.js';
import type { System } from './system.js';

/** A check that one database can make by itself. */
interface SqlCheck extends Pick<Check, 'name' | 'about' | 'holds'> {
  readonly database: keyof System['databaseUrls'];
  /** Selects how many things are looked at. */
  readonly counts: string;
  /** Selects `id` and `why` of each offender. */
  readonly offenders: string;
  /** The parameters of `offenders`. */
  readonly values?: (legalMoves: System['legalMoves']) => readonly unknown[];
}

export function sqlCheck({ database: name, counts, offenders: select, values, ...declared }: SqlCheck): Check {
  return {
    ...declared,
    needs: [name],
    async run(system) {
      const database = system.database(name);
      const offenders = new Offenders();
      // The window function counts them all before the limit cuts them off.
      const found = await database.rows<{ id: string; why: string; total: string }>(
        `SELECT id, why, count(*) OVER () AS total FROM (${select}) AS offender ORDER BY id, why LIMIT ${Offenders.mostNamed}`,
        values?.(system.legalMoves),
      );
      for (const { id, why } of found) offenders.add(`${id} ${why}`);
      offenders.addUnnamed(Number(found[0]?.total ?? 0) - found.length);
      return { checked: await database.count(counts), offenders };
    },
  };
}
