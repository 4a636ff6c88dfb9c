import type { DataSource } from 'typeorm';
import { StartFailure } from './start-failure.js';

/**
 * What the role of a running service may do with the tables that the migrations have made: add, read, change and delete rows, and with those that
 * are `appendOnly` no more than add and read; with a partition only what it may with the whole. Said anew after each migration, of all tables, so that no migration can forget it. The role needs
 * nothing for what it does by functions that are `SECURITY DEFINER`.
 *
 * @throws what the database says when a table of `appendOnly` is not there
 */
export async function grantRows(owner: DataSource, role: string, appendOnly: readonly string[]): Promise<void> {
  const runtime = quoted(role);
  await owner.transaction(async (manager) => {
    const grants = [
      `GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO ${runtime}`,
      `GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO ${runtime}`,
      // A service without the owner's address looks here whether its schema is up to date.
      ...['migrations', ...appendOnly].map((table) => `REVOKE UPDATE, DELETE ON ${quoted(table)} FROM ${runtime}`),
      `REVOKE INSERT ON migrations FROM ${runtime}`,
    ];
    for (const grant of grants) await manager.query(grant);
    // ALL TABLES were these as well, and what may not be changed by its table could be by its partitions.
    const partitions = await manager.query<{ name: string }[]>(
      `SELECT oid::regclass::text AS name FROM pg_class WHERE relispartition AND relkind = 'r'`,
    );
    for (const { name } of partitions) await manager.query(`REVOKE ALL ON ${name} FROM ${runtime}`);
  });
}

/** @throws StartFailure when an address names no role */
export function roleOf(databaseUrl: string): string {
  const role = decodeURIComponent(new URL(databaseUrl).username);
  if (role === '') throw new StartFailure('DATABASE_URL names no role, and DATABASE_MIGRATIONS_URL gives it none of its own', 78);
  return role;
}

const quoted = (name: string): string => `"${name.replaceAll('"', '""')}"`;
