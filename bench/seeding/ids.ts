/**
 * The first id of all that are made from a moment on: the ids of orders and messages begin with the time (UUID version 7), so an index
 * finds what came since without looking at what was there.
 */
export function firstIdAt(ms: number): string {
  const time = ms.toString(16).padStart(12, '0');
  return `${time.slice(0, 8)}-${time.slice(8)}-7000-8000-000000000000`;
}

/**
 * Makes such ids in SQL, the same for the same words: `pg_temp.id_of('order', 7, ms)`. For the session that runs it.
 */
export const createIdOf = `
  CREATE FUNCTION pg_temp.id_of(what text, number bigint, ms bigint) RETURNS uuid IMMUTABLE PARALLEL SAFE LANGUAGE sql RETURN
    (lpad(to_hex(ms), 12, '0') || '7' || substr(md5(what || number::text), 1, 3) || '8' || substr(md5(what || number::text), 4, 15))::uuid`;
