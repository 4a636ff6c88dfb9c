import { randomBytes } from 'node:crypto';
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  CertificateAuthority,
  findRabbitMq,
  projectRoot,
  ServiceProcess,
  startPostgresWithTls,
  startRabbitMqWithTls,
  type IssuedCertificate,
} from '#libs/testing';

const dir = join(projectRoot, '.local', 'test', String(process.pid), `start-over-tls-${randomBytes(4).toString('hex')}`);
let authority: CertificateAuthority;
let strangers: CertificateAuthority;
let ours: IssuedCertificate;
let broker: Awaited<ReturnType<typeof startRabbitMqWithTls>>;
let postgres: Awaited<ReturnType<typeof startPostgresWithTls>>;
let administrator: Client;

/** The environment of an order service that has everything right, and what is different. */
function env(different: Record<string, string> = {}): Record<string, string> {
  const database = new URL(postgres.url);
  Object.assign(database, { username: 'order', password: 'hush', pathname: '/order' });
  return {
    NODE_ENV: 'test',
    CURSOR_SECRET: 'a secret for tests only',
    DATABASE_URL: database.href,
    DATABASE_CA_FILE: authority.caFile,
    DATABASE_CERT_FILE: ours.certFile,
    DATABASE_KEY_FILE: ours.keyFile,
    DATABASE_CONNECT_ATTEMPTS: '2',
    RABBITMQ_URL: broker.tlsUrl,
    RABBITMQ_CA_FILE: authority.caFile,
    RABBITMQ_CERT_FILE: ours.certFile,
    RABBITMQ_KEY_FILE: ours.keyFile,
    RABBITMQ_CONNECT_ATTEMPTS: '2',
    ...different,
  };
}

/** How the order service ends when it is started like this, and the last line of its log. */
async function end(different: Record<string, string>) {
  const service = await ServiceProcess.start('order', env(different));
  const { code } = await service.exited;
  return { code, said: service.output, last: service.log.at(-1) };
}

describe.skipIf(!findRabbitMq())('a service whose broker and database speak TLS only, and only to those who prove who they are', () => {
  beforeAll(async () => {
    mkdirSync(dir, { recursive: true });
    [authority, strangers] = await Promise.all([
      CertificateAuthority.create(join(dir, 'authority')),
      CertificateAuthority.create(join(dir, 'strangers')),
    ]);
    const [certificate, forOrder] = await Promise.all([
      authority.issue({ name: 'server', hosts: ['127.0.0.1'] }),
      authority.issue({ name: 'order' }),
    ]);
    ours = forOrder;
    const server = { certificate, clientCaFile: authority.caFile };
    const rules = ['hostssl all order 127.0.0.1/32 scram-sha-256 clientcert=verify-full'];
    [broker, postgres] = await Promise.all([
      startRabbitMqWithTls({ ...server, dir: join(dir, 'rabbitmq'), demandsCertificate: true }),
      startPostgresWithTls({ ...server, dir: join(dir, 'postgres'), rules }),
    ]);
    administrator = new Client({ connectionString: postgres.url });
    await administrator.connect();
    await administrator.query(`CREATE ROLE "order" LOGIN PASSWORD 'hush'`);
    await administrator.query('CREATE DATABASE "order" OWNER "order"');
  }, 120_000);
  afterAll(async () => {
    await administrator?.end();
    await Promise.all([broker?.stop(), postgres?.stop()]);
    rmSync(dir, { recursive: true, force: true });
  });

  it('migrates, becomes ready, and has no connection that is not encrypted', { timeout: 60_000 }, async () => {
    const service = await ServiceProcess.start('order', env());
    try {
      await service.ready();
      const { rows } = await administrator.query<{ name: string; ssl: boolean; client: string }>(
        `SELECT DISTINCT application_name AS name, ssl, client_dn AS client
         FROM pg_stat_activity JOIN pg_stat_ssl USING (pid) WHERE datname = 'order' ORDER BY 1`,
      );
      expect(rows).toEqual([
        { name: 'orderly outbox listener', ssl: true, client: '/CN=order' },
        { name: 'orderly-order', ssl: true, client: '/CN=order' },
      ]);
    } finally {
      await service.stop();
    }
    expect(service.exit).toMatchObject({ code: 0 });
  });

  it('exits with 69, the reason and the count of its failures when the broker’s certificate is not to be trusted', async () => {
    const { code, last } = await end({ RABBITMQ_CA_FILE: strangers.caFile });
    expect(code).toBe(69);
    expect(last).toMatchObject({ level: 'fatal' });
    expect(last!['msg']).toMatch(/no broker at amqps:.* after 2 attempts: .*comes from no authority that is trusted here/);
    expect(last!['msg']).toMatch(/orderly_connect_failures_total\{peer="rabbitmq"\} [2-4]$/);
  });

  it('exits with 69, the reason and the count of its failures when the database’s certificate is not to be trusted', async () => {
    const { code, last } = await end({ DATABASE_CA_FILE: strangers.caFile });
    expect(code).toBe(69);
    expect(last).toMatchObject({ level: 'fatal' });
    expect(last!['msg']).toMatch(/DATABASE_URL.* after 2 attempts: .*comes from no authority that is trusted here/);
    expect(last!['msg']).toMatch(/orderly_connect_failures_total\{peer="postgres"\} 2$/);
  });

  it('exits with 69 when it shows no certificate to those who demand one', async () => {
    const toBroker = await end({ RABBITMQ_CERT_FILE: '', RABBITMQ_KEY_FILE: '' });
    expect(toBroker.code).toBe(69);
    expect(toBroker.last!['msg']).toMatch(/after 2 attempts: the server demands a client certificate/);
    const toDatabase = await end({ DATABASE_CERT_FILE: '', DATABASE_KEY_FILE: '' });
    expect(toDatabase.code).toBe(69);
    expect(toDatabase.last!['msg']).toMatch(/after 2 attempts: connection requires a valid client certificate/);
  });

  it('exits with 78 when it is told of an authority and to speak plain text all the same', async () => {
    const { code, said } = await end({ RABBITMQ_URL: broker.url });
    expect(code).toBe(78);
    expect(said).toContain('plain text is refused');
  });
});
