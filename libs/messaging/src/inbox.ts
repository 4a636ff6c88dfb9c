import type { EntityManager } from 'typeorm';

/**
 * Registers messages as handled by a consumer and answers which of them are new. The rows share the handler's transaction: a repeat that
 * comes while the first is still being handled waits on the unique key, and is a duplicate if that commits.
 */
export async function registerNew(manager: EntityManager, consumer: string, ids: readonly string[]): Promise<Set<string>> {
  const rows: { message_id: string }[] = await manager.query(
    `INSERT INTO inbox (consumer, message_id)
     SELECT $1, id FROM unnest($2::uuid[]) AS id ORDER BY id
     ON CONFLICT DO NOTHING RETURNING message_id`,
    [consumer, ids],
  );
  return new Set(rows.map((row) => row.message_id));
}

/** Which of these a consumer has not handled yet, without registering them. */
export async function findNew(manager: EntityManager, consumer: string, ids: readonly string[]): Promise<Set<string>> {
  const rows: { message_id: string }[] = await manager.query(
    'SELECT message_id FROM inbox WHERE consumer = $1 AND message_id = ANY($2::uuid[])',
    [consumer, ids],
  );
  const handled = new Set(rows.map((row) => row.message_id));
  return new Set(ids.filter((id) => !handled.has(id)));
}
