import type { Check } from '../check.js';
import { sqlCheck } from '../sql-check.js';
import type { LegalMove } from '../system.js';

/** A table of rows with `status` and `version`, and the table of what became of them. */
interface WithHistory {
  readonly database: 'order' | 'payment';
  readonly table: string;
  readonly history: string;
  /** The history's column that names the row. */
  readonly of: string;
  /** Payments that are older than their history have one from the day on which it was introduced. */
  readonly mayBeginLater: boolean;
}

/** What has happened was allowed to happen, and every step of it is on record. */
export const histories: readonly Check[] = [
  ...checksOf({ database: 'order', table: 'orders', history: 'order_history', of: 'order_id', mayBeginLater: false }),
  ...checksOf({ database: 'payment', table: 'payments', history: 'payment_history', of: 'payment_id', mayBeginLater: true }),
];

function checksOf({ database, table, history, of, mayBeginLater }: WithHistory): Check[] {
  return [
    sqlCheck({
      name: `${database}-moves-are-legal`,
      about: `Every move in the history of ${table} is in the table of legal moves.`,
      holds: 'always',
      database,
      counts: `SELECT count(*) FROM ${history}`,
      offenders: `
        SELECT ${of}::text AS id, 'moved from ' || coalesce(from_status, 'nothing') || ' to ' || to_status || ' by ' || cause || ', row ' || sequence AS why
          FROM ${history}
         WHERE NOT EXISTS (SELECT FROM unnest($1::text[], $2::text[], $3::text[]) AS legal (from_status, cause, to_status)
                            WHERE legal.from_status = coalesce(${history}.from_status, '')
                              AND legal.cause = ${history}.cause AND legal.to_status = ${history}.to_status)
           ${mayBeginLater ? 'AND NOT (from_status IS NULL AND sequence > 1)' : ''}`,
      values: (legalMoves) => columnsOf(legalMoves[database]),
    }),
    sqlCheck({
      name: `${database}-histories-are-whole`,
      about: `The history of each of the ${table} has no gap, begins at its beginning, and ends with its status and version.`,
      holds: 'always',
      database,
      counts: `SELECT count(*) FROM ${table}`,
      offenders: `
        WITH steps AS (
          SELECT ${of} AS id, sequence, from_status, to_status, lag(sequence) OVER step AS before, lag(to_status) OVER step AS was,
                 lead(sequence) OVER step IS NULL AS is_last
            FROM ${history} WINDOW step AS (PARTITION BY ${of} ORDER BY sequence)
        )
        SELECT id::text,
               CASE WHEN before IS NULL THEN 'has a history that begins with row ' || sequence || ', from ' || coalesce(from_status, 'nothing')
                    WHEN sequence <> before + 1 THEN 'has row ' || sequence || ' after row ' || before
                    ELSE 'comes from ' || coalesce(from_status, 'nothing') || ' in row ' || sequence || ', and was ' || was
               END AS why
          FROM steps
         WHERE (before IS NULL AND (from_status IS NOT NULL ${mayBeginLater ? '' : 'OR sequence <> 1'}))
            OR (before IS NOT NULL AND (sequence <> before + 1 OR from_status IS DISTINCT FROM was))
        UNION ALL
        SELECT ${table}.id::text,
               CASE WHEN steps.id IS NULL THEN 'has no history'
                    ELSE 'is ' || status || ' in version ' || version || ', and its history ends with ' || to_status || ' in row ' || sequence
               END
          FROM ${table} LEFT JOIN steps ON steps.id = ${table}.id AND is_last
         WHERE steps.id IS NULL OR to_status <> status OR sequence <> version`,
    }),
    sqlCheck({
      name: `${database}-ends-are-final`,
      about: `No history of ${table} enters a state twice that no legal way leads back to.`,
      holds: 'always',
      database,
      counts: `SELECT count(*) FROM ${table}`,
      offenders: `
        SELECT ${of}::text AS id, 'became ' || to_status || ' ' || count(*) || ' times' AS why
          FROM ${history} WHERE to_status IS DISTINCT FROM from_status AND to_status = ANY($1::text[])
         GROUP BY ${of}, to_status HAVING count(*) > 1`,
      values: (legalMoves) => [statesWithoutReturn(legalMoves[database])],
    }),
  ];
}

function columnsOf(moves: readonly LegalMove[]): string[][] {
  return [moves.map(({ from }) => from ?? ''), moves.map(({ cause }) => cause), moves.map(({ to }) => to)];
}

/** The states that cannot be come back to once they are left, which those that end a life are among. */
function statesWithoutReturn(moves: readonly LegalMove[]): string[] {
  const next = (state: string) => moves.filter(({ from, to }) => from === state && to !== state).map(({ to }) => to);
  const returns = (state: string) => {
    const reached = new Set<string>();
    const ahead = next(state);
    for (let one = ahead.pop(); one !== undefined; one = ahead.pop()) {
      if (reached.has(one)) continue;
      reached.add(one);
      ahead.push(...next(one));
    }
    return reached.has(state);
  };
  return [...new Set(moves.map(({ to }) => to))].filter((state) => !returns(state));
}
