import { chmodSync, chownSync, copyFileSync, existsSync, mkdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Client } from 'pg';
import type { IssuedCertificate } from './certificate-authority.js';
import { eventually } from './eventually.js';
import { freePort } from './free-port.js';
import { startPostgres, type RunningPostgres } from './postgres.js';
import { startRabbitMq } from './rabbitmq.js';
import type { RunningRabbitMq } from './running-rabbitmq.js';

interface TlsServer {
  /** What it shows to whoever calls. */
  readonly certificate: IssuedCertificate;
  /** The authority whose clients it trusts. */
  readonly clientCaFile: string;
  readonly dir: string;
}

interface ChangesItsCertificate {
  /** From now on it shows this certificate to new connections. */
  show(certificate: IssuedCertificate): Promise<void>;
}

/**
 * A private broker that listens for TLS beside its plain port. It takes no rabbitmq-server but one on this machine: see `findRabbitMq`.
 * @param options.demandsCertificate of every client; left out, it checks a certificate only when a client shows one
 */
export async function startRabbitMqWithTls(
  options: TlsServer & { demandsCertificate?: boolean },
): Promise<RunningRabbitMq & ChangesItsCertificate & { readonly tlsUrl: string }> {
  mkdirSync(options.dir, { recursive: true });
  const [certFile, keyFile] = [join(options.dir, 'server.crt'), join(options.dir, 'server.key')];
  const put = (certificate: IssuedCertificate) => {
    copyFileSync(certificate.certFile, certFile);
    copyFileSync(certificate.keyFile, keyFile);
  };
  put(options.certificate);
  const port = await freePort();
  const broker = await startRabbitMq({
    dir: options.dir,
    own: true,
    disposable: true,
    settings: [
      `listeners.ssl.local = 127.0.0.1:${port}`,
      `ssl_options.cacertfile = ${options.clientCaFile}`,
      `ssl_options.certfile = ${certFile}`,
      `ssl_options.keyfile = ${keyFile}`,
      'ssl_options.verify = verify_peer',
      `ssl_options.fail_if_no_peer_cert = ${options.demandsCertificate ?? false}`,
    ],
  });
  return {
    ...broker,
    tlsUrl: `amqps://guest:guest@127.0.0.1:${port}`,
    async show(certificate) {
      put(certificate);
      // Erlang looks at the files again every two minutes, or when told to.
      await broker.control?.('eval', 'ssl:clear_pem_cache().');
    },
  };
}

/**
 * A private Postgres that speaks TLS.
 * @param options.rules lines of pg_hba.conf; besides, the administrator gets in over plain text
 */
export async function startPostgresWithTls(
  options: TlsServer & { rules: readonly string[] },
): Promise<RunningPostgres & ChangesItsCertificate> {
  const server = await startPostgres({ dir: options.dir, own: true });
  const administer = async <Row extends object>(statement: string): Promise<Row[]> => {
    const client = new Client({ connectionString: server.url });
    await client.connect();
    try {
      return (await client.query<Row>(statement)).rows;
    } finally {
      await client.end();
    }
  };
  const [row] = await administer<{ data_directory: string }>('SHOW data_directory');
  const data = row!.data_directory;
  const put = (file: string, name: string) => {
    const target = join(data, name);
    const isNew = !existsSync(target);
    copyFileSync(file, target);
    if (!isNew) return;
    chownSync(target, statSync(data).uid, statSync(data).gid);
    chmodSync(target, 0o600);
  };
  const loadedAt = async () => (await administer<{ at: Date }>('SELECT pg_conf_load_time() AS at'))[0]!.at.getTime();
  const show = async (certificate: IssuedCertificate) => {
    put(certificate.certFile, 'server.crt');
    put(certificate.keyFile, 'server.key');
    const before = await loadedAt();
    await administer('SELECT pg_reload_conf()');
    // The reload is another process's, a moment later.
    await eventually(async () => {
      if ((await loadedAt()) === before) throw new Error('Postgres has not read its configuration again');
    });
  };
  put(options.clientCaFile, 'clients.crt');
  writeFileSync(join(data, 'pg_hba.conf'), ['host all orderly 127.0.0.1/32 scram-sha-256', ...options.rules, ''].join('\n'));
  await administer('ALTER SYSTEM SET ssl = on');
  await administer(`ALTER SYSTEM SET ssl_ca_file = 'clients.crt'`);
  await show(options.certificate);
  return { ...server, show };
}
