import { randomBytes } from 'node:crypto';
import { Client } from 'pg';

/** Each of them is nowhere else, so that whoever finds one has found a leak. */
const canary = (before: string): string => `${before}${randomBytes(12).toString('hex')}`;

/** What opens something, under the names that people know it by. */
export const secrets = {
  'the password of the databases': canary('canary-database-'),
  'the password of the broker': canary('canary-broker-'),
  'the key of the provider': canary('sk_test_'),
  'the secret of its webhooks': canary('whsec_'),
  'the secret of cursors': canary('canary-cursor-'),
} as const;

/** Passes the check of card numbers, and is that of no test that providers publish. */
export const cardNumber = '4929130948512038';

/** A database administrator and a broker administrator with passwords of their own, for a world of which every address holds one. */
export async function serversWithCanaries() {
  const user = `canary_${randomBytes(4).toString('hex')}`;
  const [postgres, broker, management] = ['POSTGRES', 'RABBITMQ', 'RABBITMQ_MANAGEMENT'].map(
    (name) => new URL(process.env[`ORDERLY_${name}_URL`]!),
  ) as [URL, URL, URL];
  const administered = postgres.href;
  const manage = (method: string, body?: object) => manageUser(management.href, method, user, body);

  await rowsOf(administered, `CREATE ROLE ${user} LOGIN SUPERUSER PASSWORD '${secrets['the password of the databases']}'`);
  await manage('PUT', { password: secrets['the password of the broker'], tags: 'administrator' });
  return {
    postgresUrl: withLogin(postgres, user, secrets['the password of the databases']),
    rabbitmq: {
      url: withLogin(broker, user, secrets['the password of the broker']),
      managementUrl: withLogin(management, user, secrets['the password of the broker']),
    },
    async drop(): Promise<void> {
      await rowsOf(administered, `DROP ROLE ${user}`);
      await manage('DELETE');
    },
  };
}

function withLogin(address: URL, user: string, password: string): string {
  const url = new URL(address);
  [url.username, url.password] = [user, password];
  return url.href;
}

async function manageUser(managementUrl: string, method: string, user: string, body?: object): Promise<void> {
  const { origin, username, password } = new URL(managementUrl);
  const login = Buffer.from(`${decodeURIComponent(username)}:${decodeURIComponent(password)}`).toString('base64');
  const response = await fetch(`${origin}/api/users/${user}`, {
    method,
    headers: { authorization: `Basic ${login}`, 'content-type': 'application/json' },
    ...(body && { body: JSON.stringify(body) }),
  });
  if (!response.ok) throw new Error(`${method} of a user: ${response.status} ${await response.text()}`);
}

export async function rowsOf(url: string, statement: string, values: unknown[] = []): Promise<Record<string, unknown>[]> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(statement, values)).rows;
  } finally {
    await client.end();
  }
}

/** All that a database holds, by column: `orders.email`. Bytes read as the text that they are. */
export async function dumpOf(url: string): Promise<ReadonlyMap<string, string>> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    const { rows: columns } = await client.query<{ table: string; name: string; isBytes: boolean }>(
      `SELECT c.relname AS table, a.attname AS name, a.atttypid = 'bytea'::regtype AS "isBytes"
         FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
        WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'm') AND a.attnum > 0 AND NOT a.attisdropped`,
    );
    const dump = new Map<string, string>();
    for (const { table, name, isBytes } of columns) {
      const text = isBytes ? `encode("${name}", 'escape')` : `"${name}"::text`;
      const { rows } = await client.query<{ all: string | null }>(`SELECT string_agg(${text}, E'\\n') AS all FROM "${table}"`);
      dump.set(`${table}.${name}`, rows[0]!.all ?? '');
    }
    return dump;
  } finally {
    await client.end();
  }
}

/** The columns of a dump that hold a text, in the order of the alphabet. */
export function columnsWith(dump: ReadonlyMap<string, string>, text: string): string[] {
  return [...dump].flatMap(([column, held]) => (held.toLowerCase().includes(text.toLowerCase()) ? [column] : [])).toSorted();
}
