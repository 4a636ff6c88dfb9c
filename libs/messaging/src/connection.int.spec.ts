import { randomBytes } from 'node:crypto';
import { copyFileSync, mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { TlsFiles } from '#libs/service';
import {
  CertificateAuthority,
  eventually,
  findRabbitMq,
  projectRoot,
  startRabbitMqWithTls,
  TcpProxy,
  testVhost,
  type IssuedCertificate,
} from '#libs/testing';
import { Connection } from './connection.js';
import { quietLogger } from './messaging.spec-support.js';

const opened: Connection[] = [];
const warnings: string[] = [];
const logger = Object.assign(Object.create(quietLogger) as typeof quietLogger, { warn: (text: string) => void warnings.push(text) });
afterEach(async () => {
  await Promise.all(opened.splice(0).map((connection) => connection.close()));
});

function connectionTo(url: string, tls?: TlsFiles): Connection {
  const connection = new Connection({ url, tls, name: `test:${opened.length}:publish`, connectAttempts: 2, logger });
  opened.push(connection);
  return connection;
}

// Only of a rabbitmq-server on this machine is the configuration ours; npm test installs one where nothing else is.
describe.skipIf(!findRabbitMq())('a broker over TLS', () => {
  const dir = join(projectRoot, '.local', 'test', String(process.pid), `rabbitmq-tls-${randomBytes(4).toString('hex')}`);
  const hosts = ['127.0.0.1'];
  let authority: CertificateAuthority;
  let strangers: CertificateAuthority;
  let broker: Awaited<ReturnType<typeof startRabbitMqWithTls>>;
  let certificate: IssuedCertificate;

  beforeAll(async () => {
    mkdirSync(dir, { recursive: true });
    [authority, strangers] = await Promise.all([
      CertificateAuthority.create(join(dir, 'authority')),
      CertificateAuthority.create(join(dir, 'strangers')),
    ]);
    certificate = await authority.issue({ name: 'rabbitmq', hosts });
    broker = await startRabbitMqWithTls({ dir: join(dir, 'rabbitmq'), certificate, clientCaFile: authority.caFile });
  }, 120_000);
  afterAll(async () => {
    await broker?.stop();
    rmSync(dir, { recursive: true, force: true });
  });

  const refused = (reason: RegExp) => ({
    exitCode: 69,
    message: expect.stringMatching(new RegExp(`after 2 attempts: .*${reason.source}`)),
  });

  it('is taken when its certificate is good, without and with a client certificate', async () => {
    const { certFile: cert, keyFile: key } = await authority.issue({ name: 'order' });
    for (const tls of [{ ca: authority.caFile }, { ca: authority.caFile, cert, key }]) {
      const connection = connectionTo(broker.tlsUrl, tls);
      await connection.start();
      expect(connection.model).toBeDefined();
    }
  });

  it('is refused when an authority vouches for it that is not ours, and when only Node’s own are trusted', async () => {
    const reason = /comes from no authority that is trusted here/;
    await expect(connectionTo(broker.tlsUrl, { ca: strangers.caFile }).start()).rejects.toMatchObject(refused(reason));
    await expect(connectionTo(broker.tlsUrl).start()).rejects.toMatchObject(refused(reason));
  });

  it('is refused when its certificate is made out to another host', async () => {
    await broker.show(await authority.issue({ name: 'rabbitmq', hosts: ['elsewhere.example'] }));
    await expect(connectionTo(broker.tlsUrl, { ca: authority.caFile }).start()).rejects.toMatchObject(refused(/made out to another host/));
    await broker.show(certificate);
  });

  it('is refused when its certificate has expired', async () => {
    await broker.show(await authority.issue({ name: 'rabbitmq', hosts, expired: true }));
    await expect(connectionTo(broker.tlsUrl, { ca: authority.caFile }).start()).rejects.toMatchObject(refused(/certificate has expired/));
    await broker.show(certificate);
  });

  it('is refused when it speaks plain text', async () => {
    const plain = broker.url.replace('amqp:', 'amqps:');
    await expect(connectionTo(plain, { ca: authority.caFile }).start()).rejects.toMatchObject(refused(/speaks plain text/));
  });

  it('refuses us with a certificate that it does not trust', async () => {
    const { certFile: cert, keyFile: key } = await strangers.issue({ name: 'order' });
    await expect(connectionTo(broker.tlsUrl, { ca: authority.caFile, cert, key }).start()).rejects.toMatchObject(
      refused(/does not accept the client certificate/),
    );
  });

  it('may get a certificate of another authority: who trusts that one by the time of the next connection comes back', async () => {
    const ca = join(dir, 'trusted.crt');
    copyFileSync(authority.caFile, ca);
    const connection = connectionTo(broker.tlsUrl, { ca });
    await connection.start();
    const before = connection.model;
    await broker.show(await strangers.issue({ name: 'rabbitmq', hosts }));
    await broker.control?.('close_all_connections', 'a change of certificates');
    await eventually(() => expect(warnings.join()).toMatch(/no way back .*no authority that is trusted here/), { within: 20_000 });
    copyFileSync(strangers.caFile, ca);
    await eventually(() => expect(connection.model ?? before).not.toBe(before), { within: 20_000 });
    await broker.show(certificate);
  });
});

describe('twenty clients that have lost the broker', () => {
  it('try again a few times a second and not all at once, and every one of them comes back', { timeout: 90_000 }, async () => {
    const vhost = await testVhost('storm');
    const proxy = await TcpProxy.before(vhost.url);
    const clients = Array.from({ length: 20 }, () => connectionTo(proxy.through(vhost.url)));
    await Promise.all(clients.map((client) => client.start()));
    proxy.refuse();
    const cutAt = performance.now();
    expect(proxy.cut()).toBe(20);
    await eventually(() => expect(proxy.refusedAt.length).toBeGreaterThanOrEqual(120), { within: 60_000 });
    const attempts = proxy.refusedAt.slice(0, 120);
    proxy.restore();

    // One of the clients has tried six times, and its shortest pauses are 25, 50, 100, 200, 400 and 500 ms.
    expect(attempts.at(-1)! - cutAt).toBeGreaterThan(1200);
    // By the same pauses no client tries more than five times in one second.
    const inTheSecondFrom = (start: number) => attempts.filter((at) => at >= start && at < start + 1000).length;
    expect(Math.max(...attempts.map(inTheSecondFrom))).toBeLessThanOrEqual(100);
    // In step they would fill six tenths of a second; drawn by lot they fill some forty.
    expect(new Set(attempts.map((at) => Math.floor(at / 100))).size).toBeGreaterThanOrEqual(15);

    await eventually(() => expect(clients.filter(({ model }) => model)).toHaveLength(20), { within: 30_000 });
    await Promise.all(opened.splice(0).map((client) => client.close()));
    await proxy.close();
    await vhost.drop();
  });
});
