import { randomBytes } from 'node:crypto';
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { NestFactory } from '@nestjs/core';
import type { INestApplicationContext } from '@nestjs/common';
import { Client } from 'pg';
import { DataSource } from 'typeorm';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { CertificateAuthority, projectRoot, startPostgresWithTls, type IssuedCertificate } from '#libs/testing';
import { databaseModule } from './database.js';
import { ServiceModule } from './service.module.js';
import type { TlsFiles } from './tls.js';

const dir = join(projectRoot, '.local', 'test', String(process.pid), `postgres-tls-${randomBytes(4).toString('hex')}`);
const hosts = ['127.0.0.1'];
const started: INestApplicationContext[] = [];
let authority: CertificateAuthority;
let strangers: CertificateAuthority;
let server: Awaited<ReturnType<typeof startPostgresWithTls>>;
let ours: IssuedCertificate;
let certificate: IssuedCertificate;

beforeAll(async () => {
  mkdirSync(dir, { recursive: true });
  [authority, strangers] = await Promise.all([
    CertificateAuthority.create(join(dir, 'authority')),
    CertificateAuthority.create(join(dir, 'strangers')),
  ]);
  [certificate, ours] = await Promise.all([authority.issue({ name: 'postgres', hosts }), authority.issue({ name: 'proven' })]);
  server = await startPostgresWithTls({
    dir: join(dir, 'postgres'),
    certificate,
    clientCaFile: authority.caFile,
    rules: ['hostssl all proven 127.0.0.1/32 scram-sha-256 clientcert=verify-full', 'hostssl all encrypted 127.0.0.1/32 scram-sha-256'],
  });
  const administrator = new Client({ connectionString: server.url });
  await administrator.connect();
  for (const role of ['proven', 'encrypted']) {
    await administrator.query(`CREATE ROLE ${role} LOGIN PASSWORD 'hush'`);
    await administrator.query(`CREATE DATABASE ${role} OWNER ${role}`);
  }
  await administrator.end();
});
afterEach(async () => {
  for (const app of started.splice(0)) await app.close();
  await server.show(certificate);
});
afterAll(async () => {
  await server?.stop();
  rmSync(dir, { recursive: true, force: true });
});

/** The DATABASE_URL of a role. */
function as(role: 'proven' | 'encrypted', parameters = ''): string {
  const url = new URL(server.url);
  url.username = role;
  url.password = 'hush';
  url.pathname = `/${role}`;
  return `${url.href}${parameters}`;
}

async function isSecure(dataSource: DataSource): Promise<boolean> {
  const [row]: { ssl: boolean }[] = await dataSource.query('SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()');
  return row!.ssl;
}

async function start(url: string, tls: TlsFiles | undefined): Promise<DataSource> {
  class App {}
  const imports = [
    ServiceModule.forRoot({ name: 'order', instance: 'order-1' }),
    databaseModule({ url, tls, poolSize: 2, connectAttempts: 2, applicationName: 'orderly-order', entities: [], migrations: [] }),
  ];
  const app = await NestFactory.createApplicationContext({ module: App, imports }, { logger: false, abortOnError: false });
  started.push(app);
  return app.get(DataSource);
}

const refused = (reason: RegExp) => ({
  exitCode: 69,
  message: expect.stringMatching(new RegExp(`DATABASE_URL.* after 2 attempts: .*${reason.source}`)),
});

describe('a database over TLS', () => {
  it('is taken when its certificate is good, without and with a client certificate', async () => {
    expect(await isSecure(await start(as('encrypted'), { ca: authority.caFile }))).toBe(true);
    expect(await isSecure(await start(as('proven'), { ca: authority.caFile, cert: ours.certFile, key: ours.keyFile }))).toBe(true);
  });

  it('is taken with sslmode=verify-full in its address, which overrides none of the files', async () => {
    expect(await isSecure(await start(as('encrypted', '?sslmode=verify-full'), { ca: authority.caFile }))).toBe(true);
  });

  it('is refused when an authority vouches for it that is not ours, and when only Node’s own are trusted', async () => {
    const reason = /comes from no authority that is trusted here/;
    await expect(start(as('encrypted'), { ca: strangers.caFile })).rejects.toMatchObject(refused(reason));
    await expect(start(as('encrypted', '?sslmode=verify-full'), undefined)).rejects.toMatchObject(refused(reason));
  });

  it('is refused when its certificate is made out to another host', async () => {
    await server.show(await authority.issue({ name: 'postgres', hosts: ['elsewhere.example'] }));
    await expect(start(as('encrypted'), { ca: authority.caFile })).rejects.toMatchObject(refused(/made out to another host/));
  });

  it('is refused when its certificate has expired', async () => {
    await server.show(await authority.issue({ name: 'postgres', hosts, expired: true }));
    await expect(start(as('encrypted'), { ca: authority.caFile })).rejects.toMatchObject(refused(/certificate has expired/));
  });

  it('is refused when it speaks plain text', async () => {
    const plain = process.env['ORDERLY_POSTGRES_URL']!;
    await expect(start(plain, { ca: authority.caFile })).rejects.toMatchObject(refused(/does not support SSL/));
  });

  it('refuses us without the client certificate that it demands, and with that of another role', async () => {
    await expect(start(as('proven'), { ca: authority.caFile })).rejects.toMatchObject(refused(/requires a valid client certificate/));
    const { certFile: cert, keyFile: key } = await authority.issue({ name: 'somebody' });
    await expect(start(as('proven'), { ca: authority.caFile, cert, key })).rejects.toMatchObject(
      refused(/authentication failed for user "proven"/),
    );
  });
});
