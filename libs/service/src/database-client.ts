import type { Socket } from 'node:net';
import { Client, type ClientConfig, type QueryConfig, type QueryResult } from 'pg';
import { writeTogether } from './write-together.js';

/** Past this many texts somebody builds statements out of values, and a server's memory is no place to keep them. */
const mostTexts = 500;

/** The same in each connection, so that logs and `pg_prepared_statements` can be read. */
const names = new Map<string, string>();

/** What a statement is answered that nobody waits for. */
const unawaited: QueryResult = { command: 'START', rowCount: null, oid: 0, fields: [], rows: [] };

/**
 * A connection that makes little of a statement's way: it has every statement with parameters parsed and planned once and then sends its
 * name, and it sends the beginning of a transaction together with its first statement. It wants `pipeline: true`: statements that are given
 * to it one after the other without waiting are sent at once, and Postgres does them in this order. When one fails, those behind it fail
 * as well, and a COMMIT among them rolls back.
 *
 * @see https://www.postgresql.org/docs/current/sql-prepare.html#SQL-PREPARE-NOTES
 * @see https://www.postgresql.org/docs/current/protocol-flow.html#PROTOCOL-FLOW-PIPELINING
 */
export class DatabaseClient extends Client {
  constructor(config: ClientConfig) {
    super(config);
    this.once('connect', () => writeTogether((this as unknown as { connection: { stream: Socket } }).connection.stream));
  }

  override query(...[statement, values, ...rest]: unknown[]): never {
    const send = super.query.bind(this) as (...given: unknown[]) => Promise<QueryResult>;
    if (statement === 'START TRANSACTION' && rest.length === 0 && typeof values !== 'function') {
      // It fails only with its connection, which the first statement of the transaction finds out as well.
      send(statement).catch(() => {});
      return Promise.resolve(unawaited) as never;
    }
    const name = typeof statement === 'string' && Array.isArray(values) && values.length > 0 ? nameOf(statement) : undefined;
    const asked = name === undefined ? [statement, values] : [{ name, text: statement, values } as QueryConfig];
    return send(...asked, ...rest) as never;
  }
}

function nameOf(text: string): string | undefined {
  const known = names.get(text);
  if (known !== undefined || names.size >= mostTexts) return known;
  const name = `statement_${names.size + 1}`;
  names.set(text, name);
  return name;
}
