import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from 'pg';
import { between, shown, type FaultKind, type Stage } from '../fault.js';
import type { ServiceName } from '../world.js';

const ours = ['order', 'payment', 'notification'] as const satisfies readonly ServiceName[];

/** What happens to the databases. */
export const databaseFaults: readonly FaultKind[] = [
  {
    kind: 'database restarted fast',
    about: 'Postgres ends its sessions, writes a checkpoint, and is started again.',
    draw: (stage) => restart(stage, 'fast'),
  },
  {
    kind: 'database restarted immediately',
    about: 'Postgres ends as if the power had failed, and recovers from its log at the next start.',
    draw: (stage) => restart(stage, 'immediate'),
  },
  {
    kind: 'database connections terminated',
    about: 'Every session of a service is ended by an administrator.',
    draw: ({ world, random }) => {
      const service = random.pick(ours);
      let ended = 0;
      return {
        target: service,
        touches: ['postgres'],
        apply: () =>
          asAdministrator(world.postgres.url, async (client) => {
            const { rowCount } = await client.query(
              `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1 AND application_name NOT LIKE 'chaos%'`,
              [service],
            );
            ended = rowCount ?? 0;
          }),
        tookEffect: () => shown(ended > 0, `${ended} sessions were ended`),
        heal: () => {},
      };
    },
  },
  {
    kind: 'lock held for 10 s',
    about: 'Somebody locks a table that every step writes to, for ten seconds.',
    draw: ({ world, random }) => {
      const [service, table] = random.pick([
        ['order', 'orders'],
        ['order', 'outbox'],
        ['payment', 'payments'],
        ['payment', 'inbox'],
        ['notification', 'notifications'],
      ] as const);
      const holder = new Client({ connectionString: world.databaseUrls[service] });
      holder.on('error', () => {});
      return {
        target: `${service}.${table}`,
        touches: ['postgres'],
        lastsMs: 10_000,
        async apply() {
          await holder.connect();
          await holder.query('BEGIN');
          await holder.query(`LOCK TABLE ${table} IN ACCESS EXCLUSIVE MODE`);
        },
        tookEffect: () =>
          asAdministrator(world.databaseUrls[service], async (client) => {
            const { rows } = await client.query<{ waiting: number }>(
              'SELECT count(*)::int AS waiting FROM pg_locks WHERE NOT granted AND relation = $1::regclass',
              [table],
            );
            return shown(rows[0]!.waiting > 0, `${rows[0]!.waiting} wait for it`);
          }),
        heal: () => holder.end(),
      };
    },
  },
  {
    kind: 'database disk full',
    about: 'The file system of Postgres has no free block left.',
    skipped: ({ postgres }) => postgres.whyNoDisk,
    draw: ({ world, random }) => ({
      target: 'postgres',
      touches: ['postgres'],
      lastsMs: between(random, 2_000, 5_000),
      apply: () => world.postgres.fillDisk(),
      tookEffect: () =>
        asAdministrator(world.postgres.url, async (client) => {
          // Temporary, and larger than what free pages there may be.
          const refused = await client
            .query('CREATE TEMP TABLE filler AS SELECT repeat(md5(n::text), 20) FROM generate_series(1, 100000) AS n')
            .then(
              () => undefined,
              (error: { code?: string }) => error.code,
            );
          return shown(refused === '53100', 'a statement that needs room is refused with 53100 (disk_full)');
        }).catch((error: Error) => shown(/terminated|ECONNREFUSED|starting up|recovery/.test(error.message), 'Postgres has ended over it')),
      async heal() {
        world.postgres.freeDisk();
        await world.postgres.startAgain();
      },
    }),
  },
];

function restart({ world, random }: Stage, how: 'fast' | 'immediate') {
  let refused = false;
  return {
    target: 'postgres',
    touches: ['postgres'],
    lastsMs: between(random, 0, 3_000),
    async apply() {
      await world.postgres.end(how);
      refused = await asAdministrator(world.postgres.url, () => Promise.resolve()).then(
        () => false,
        () => true,
      );
    },
    tookEffect: () => shown(refused, 'refuses connections'),
    heal: async () => {
      await world.postgres.startAgain();
      await sleep(200);
    },
  };
}

async function asAdministrator<T>(url: string, work: (client: Client) => Promise<T>): Promise<T> {
  const client = new Client({ connectionString: url, application_name: 'chaos', connectionTimeoutMillis: 3_000 });
  client.on('error', () => {});
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end().catch(() => {});
  }
}
