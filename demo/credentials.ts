/**
 * What `docker compose up` runs first, once: makes every password and key that the containers have to share, and puts each into a file in the
 * folder of whoever may know it. What is there stays. It imports as little as it can, because it is part of the image.
 *
 *     node dist/demo/credentials.js <folder>
 */
import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { brokerDefinitions, brokerUser, topology } from '#libs/contracts';

const vhost = 'orderly';
// In addresses, so of letters and digits.
const secret = (): string => randomBytes(24).toString('hex');

/** Every file, by the folder of its reader. */
function credentials(): Record<string, Record<string, string>> {
  const onTheBroker = Object.keys(topology.services);
  const services = [...onTheBroker, 'psp-simulator'];
  const roles = services.flatMap((service) => [databaseOf(service), ownerOf(service)]);
  const passwords = new Map([...roles, 'administrator'].map((role) => [role, secret()]));
  const logins = Object.fromEntries([...onTheBroker, 'deploy'].map((name) => [name, { name, password: secret() }]));
  const administrator = { name: 'administrator', password: secret() };

  const database = (service: string, role: string) => `postgres://${role}:${passwords.get(role)}@postgres:5432/${databaseOf(service)}`;
  const broker = (user: string) => `amqp://${user}:${logins[user]!.password}@rabbitmq:5672/${vhost}`;
  const cursorSecret = secret();
  const provider = { apiKey: `sk_test_${secret()}`, webhookSecret: `whsec_${secret()}` };
  const own: Record<string, Record<string, string>> = {
    notification: { webhook_secrets_key: secret() },
    payment: { psp_api_key: provider.apiKey, psp_webhook_secret: provider.webhookSecret },
    'psp-simulator': { api_key: provider.apiKey, webhook_secret: provider.webhookSecret },
  };
  const ofServices = services.map((service) => [
    service,
    {
      database_url: database(service, databaseOf(service)),
      database_migrations_url: database(service, ownerOf(service)),
      ...(onTheBroker.includes(service) && {
        rabbitmq_url: broker(service),
        rabbitmq_deploy_url: broker('deploy'),
        cursor_secret: cursorSecret,
      }),
      ...own[service],
    },
  ]);
  const definitions = brokerDefinitions(topology, vhost, logins) as { users: object[]; permissions: object[] };
  definitions.users.push(brokerUser(administrator, ['administrator']));
  definitions.permissions.push({ user: administrator.name, vhost, configure: '.*', write: '.*', read: '.*' });
  return {
    ...(Object.fromEntries(ofServices) as Record<string, Record<string, string>>),
    postgres: Object.fromEntries(passwords),
    rabbitmq: { 'definitions.json': JSON.stringify(definitions, undefined, 2), administrator: administrator.password },
    grafana: { administrator: secret() },
  };
}

/** Named so that SQL needs no quotes for it; the role that the service works as is called the same. */
const databaseOf = (service: string): string => service.replaceAll('-', '_');
const ownerOf = (service: string): string => `${databaseOf(service)}_owner`;

const [folder] = process.argv.slice(2);
if (folder === undefined) {
  console.error('Into which folder?');
  process.exit(2);
}
// Written last: without it, whoever was interrupted begins anew.
const mark = join(folder, 'postgres', 'administrator');
if (!existsSync(mark)) {
  const files = Object.entries(credentials()).flatMap(([reader, contents]) =>
    Object.entries(contents).map(([name, content]) => [join(folder, reader, name), content] as const),
  );
  for (const [file, content] of files.toSorted(([one], [other]) => Number(one === mark) - Number(other === mark))) {
    mkdirSync(dirname(file), { recursive: true });
    rmSync(file, { force: true });
    // Each reader is a user of its own, and sees no other folder than its own.
    writeFileSync(file, content, { mode: 0o444 });
  }
}
