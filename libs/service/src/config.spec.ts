import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { CertificateAuthority, type IssuedCertificate } from '#libs/testing';
import { helpText, settingsOf } from './config-help.js';
import type { ConfigSources } from './config-sources.js';
import { BadConfiguration, messagingConfig, parseConfig, serviceConfig } from './config.js';

const Config = z.object({ ...serviceConfig, ...messagingConfig, PAYMENT_WINDOW_SECONDS: z.coerce.number().int().min(5).default(900) });
const good = {
  DATABASE_URL: 'postgres://o:o@localhost/order',
  RABBITMQ_URL: 'amqp://localhost',
  HTTP_PORT: '3001',
  JWT_ISSUER: 'https://issuer.example',
  JWT_AUDIENCE: 'orderly',
  JWT_JWKS_URL: 'https://issuer.example/jwks.json',
};

describe('the configuration', () => {
  it('is read from the environment, with defaults', () => {
    expect(parseConfig(Config, { env: good })).toMatchObject({
      HTTP_PORT: 3001,
      HTTP_HOST: '0.0.0.0',
      LOG_LEVEL: 'info',
      LOG_FORMAT: 'json',
      OTEL_TRACES_SAMPLER_ARG: 1,
      DATABASE_POOL_SIZE: 16,
      SHUTDOWN_DEADLINE_SECONDS: 20,
      INSTANCE: expect.stringMatching(new RegExp(`-${process.pid}$`)),
      PAYMENT_WINDOW_SECONDS: 900,
    });
  });

  it('writes the log for people in a terminal, and for machines everywhere else', () => {
    const { isTTY } = process.stdout;
    try {
      process.stdout.isTTY = true;
      expect(parseConfig(Config, { env: good }).LOG_FORMAT).toBe('pretty');
      expect(parseConfig(Config, { env: { ...good, LOG_FORMAT: 'json' } }).LOG_FORMAT).toBe('json');
    } finally {
      process.stdout.isTTY = isTTY;
    }
  });

  it('takes an empty variable as one that is not set', () =>
    expect(parseConfig(Config, { env: { ...good, LOG_LEVEL: '' } }).LOG_LEVEL).toBe('info'));

  it('names every bad variable at once, without its value', () => {
    const bad = { DATABASE_URL: 'mysql://secret@host/db', HTTP_PORT: 'abc', LOG_FORMAT: 'xml', PAYMENT_WINDOW_SECONDS: '4' };
    const said = thrownBy(() => parseConfig(Config, { env: bad }));
    expect(said).toBeInstanceOf(BadConfiguration);
    for (const name of [
      'DATABASE_URL',
      'JWT_ISSUER: is not set',
      'JWT_AUDIENCE',
      'RABBITMQ_URL: is not set',
      'HTTP_PORT',
      'LOG_FORMAT',
      'PAYMENT_WINDOW_SECONDS',
    ]) {
      expect((said as Error).message).toContain(name);
    }
    expect((said as Error).message).toContain('8 faults');
    expect((said as Error).message).not.toContain('secret');
  });
});

describe('where settings come from', () => {
  const folder = mkdtempSync(join(tmpdir(), 'orderly-settings-'));
  const file = (name: string, text: string) => {
    const path = join(folder, name);
    writeFileSync(path, text);
    return path;
  };
  afterAll(() => rmSync(folder, { recursive: true }));
  const faults = (sources: Partial<ConfigSources>) =>
    (thrownBy(() => parseConfig(Config, { env: good, folder, ...sources })) as Error | undefined)?.message;

  it('is the command line, then the environment, then .env.<NODE_ENV>, then .env, then the defaults', () => {
    file('.env', 'HTTP_HOST=a\nLOG_LEVEL=error\nDATABASE_POOL_SIZE=5\nSHUTDOWN_DEADLINE_SECONDS=7\n');
    file('.env.staging', 'HTTP_HOST=b\nLOG_LEVEL=warn\nDATABASE_POOL_SIZE=4\n');
    file('.env.production', 'HTTP_HOST=c\n');
    const env = { ...good, NODE_ENV: 'staging', HTTP_HOST: 'd', LOG_LEVEL: 'debug' };
    expect(parseConfig(Config, { env, folder, args: ['--http-host', 'e', '--http-port=3009'] })).toMatchObject({
      HTTP_HOST: 'e',
      HTTP_PORT: 3009,
      LOG_LEVEL: 'debug',
      DATABASE_POOL_SIZE: 4,
      SHUTDOWN_DEADLINE_SECONDS: 7,
      PAYMENT_WINDOW_SECONDS: 900,
    });
    for (const name of ['.env', '.env.staging', '.env.production']) rmSync(join(folder, name));
  });

  it('is a file, for a secret', () => {
    const { DATABASE_URL: url, ...others } = good;
    const env = { ...others, DATABASE_URL_FILE: file('url', `${url}\n`) };
    expect(parseConfig(Config, { env }).DATABASE_URL).toBe(url);
    expect(parseConfig(Config, { env: others, args: ['--database-url-file', env.DATABASE_URL_FILE] }).DATABASE_URL).toBe(url);
    expect(faults({ env: { ...env, DATABASE_URL: url } })).toMatch(/a fault:\n  DATABASE_URL_FILE: is set, as is DATABASE_URL/);
    expect(faults({ env: { ...others, DATABASE_URL_FILE: join(folder, 'nothing') } })).toMatch(
      /a fault:\n  DATABASE_URL_FILE: names a file that cannot be read \(ENOENT\)$/,
    );
    expect(faults({ env: { ...others, DATABASE_URL_FILE: file('mysql', 'mysql://secret') } })).toMatch(
      /a fault:\n  DATABASE_URL: (?!.*secret)/,
    );
  });

  it('is no place where nobody looks: what means nothing is named, and all of it at once', () => {
    const args = ['--http-prot', '3001', '--log-level', '--payment-window-seconds=9', 'start'];
    const said = faults({ env: { ...good, ORDERLY_LOG_LEVEL: 'info', ORDERLY_POSTGRES_URL: 'for the tests' }, args });
    for (const fault of [
      '4 faults',
      '--http-prot: there is no such setting',
      '--log-level: has no value',
      'ORDERLY_LOG_LEVEL: is read by nobody',
      'a word on the command line belongs to no setting',
    ])
      expect(said).toContain(fault);
  });
});

describe('the help', () => {
  it('names each setting with its flag, its meaning, what it may be, and what it is otherwise', () => {
    const help = helpText('order', Config);
    for (const name of Object.keys(Config.shape)) expect(help).toContain(`  --${name.toLowerCase().replaceAll('_', '-')}  ${name}`);
    const words = help.replaceAll(/\s+/g, ' ');
    expect(words).toContain('DATABASE_URL or DATABASE_URL_FILE');
    expect(words).toContain('The most connections to the database. A whole number from 2 to 1000; otherwise 16.');
    expect(words).toContain('An address; has to be set.');
    expect(words).toContain('otherwise pretty in a terminal, json everywhere else.');
    expect(settingsOf(Config).filter(({ meaning, name }) => !meaning && name !== 'PAYMENT_WINDOW_SECONDS')).toEqual([]);
  });
});

describe('where the keys of callers are', () => {
  const { JWT_JWKS_URL: url, ...others } = good;
  const fault = (env: Record<string, string>) =>
    (thrownBy(() => parseConfig(Config, { env: { ...others, ...env } })) as Error | undefined)?.message;
  const folder = mkdtempSync(join(tmpdir(), 'orderly-keys-'));
  const file = (text: string) => {
    const path = join(folder, 'jwks.json');
    writeFileSync(path, text);
    return path;
  };
  afterAll(() => rmSync(folder, { recursive: true }));

  it('is one address or one file', () => {
    expect(fault({ JWT_JWKS_URL: url })).toBeUndefined();
    expect(fault({ JWT_JWKS_FILE: file('{"keys":[{}]}') })).toBeUndefined();
    expect(fault({})).toContain('JWT_JWKS_URL: is not set, nor is JWT_JWKS_FILE');
    expect(fault({ JWT_JWKS_URL: url, JWT_JWKS_FILE: file('{"keys":[{}]}') })).toContain('keys come from one place');
  });

  it('is told by https, or by this machine', () => {
    expect(fault({ JWT_JWKS_URL: 'http://127.0.0.1:8080/jwks.json' })).toBeUndefined();
    for (const plain of [
      'http://issuer.example/jwks.json',
      'http://localhost.issuer.example/',
      'http://localhost:80@issuer.example/',
      'file:///jwks.json',
    ])
      expect(fault({ JWT_JWKS_URL: plain })).toContain('JWT_JWKS_URL');
  });

  it('is a file that can be read and has a key, or else its path is not repeated', () => {
    expect(fault({ JWT_JWKS_FILE: join(folder, 'nothing') })).toContain('JWT_JWKS_FILE: names a file that cannot be read (ENOENT)');
    for (const text of ['', '[]', '{}', '{"keys":[]}']) {
      const said = fault({ JWT_JWKS_FILE: file(text) });
      expect(said).toContain('JWT_JWKS_FILE: names a file that is no JSON Web Key Set');
      expect(said).not.toContain(folder);
    }
  });
});

describe('the configuration of TLS', () => {
  let dir: string;
  let ca: string;
  let ours: IssuedCertificate;
  let another: IssuedCertificate;

  beforeAll(async () => {
    dir = mkdtempSync(join(tmpdir(), 'orderly-config-'));
    const authority = await CertificateAuthority.create(dir);
    ca = authority.caFile;
    [ours, another] = await Promise.all([authority.issue({ name: 'order' }), authority.issue({ name: 'payment' })]);
  });
  afterAll(() => rmSync(dir, { recursive: true }));

  const faults = (env: Record<string, string>) =>
    (thrownBy(() => parseConfig(Config, { env: { ...good, ...env } })) as Error | undefined)?.message;
  const amqps = { RABBITMQ_URL: 'amqps://broker.example' };

  it('is files that can be read, for the broker and for the database', () => {
    const client = { RABBITMQ_CERT_FILE: ours.certFile, RABBITMQ_KEY_FILE: ours.keyFile };
    const database = { DATABASE_CA_FILE: ca, DATABASE_CERT_FILE: ours.certFile, DATABASE_KEY_FILE: ours.keyFile };
    expect(faults({ ...amqps, ...client, ...database, RABBITMQ_CA_FILE: ca })).toBeUndefined();
    expect(faults({ ...amqps, RABBITMQ_CA_FILE: ca, DATABASE_URL: `${good.DATABASE_URL}?sslmode=verify-full` })).toBeUndefined();
  });

  it('names each file that is missing or is something else, without showing what was put in its place', () => {
    const said = faults({ ...amqps, RABBITMQ_CA_FILE: join(dir, 'nothing.crt'), DATABASE_CA_FILE: ours.keyFile });
    expect(said).toContain('RABBITMQ_CA_FILE: names a file that cannot be read (ENOENT)');
    expect(said).toContain('DATABASE_CA_FILE: names a file that is no certificate in PEM');
    expect(said).not.toContain(dir);
  });

  it('refuses a certificate without its key, a key without its certificate, and a pair that is none', () => {
    expect(faults({ ...amqps, RABBITMQ_CERT_FILE: ours.certFile })).toContain(
      'RABBITMQ_KEY_FILE: is not set, and without it RABBITMQ_CERT_FILE',
    );
    expect(faults({ DATABASE_KEY_FILE: ours.keyFile })).toContain('DATABASE_CERT_FILE: is not set, and DATABASE_KEY_FILE belongs to it');
    expect(faults({ DATABASE_CERT_FILE: ours.certFile, DATABASE_KEY_FILE: another.keyFile })).toContain(
      'DATABASE_KEY_FILE: is not the key of DATABASE_CERT_FILE',
    );
  });

  it('refuses plain text when TLS was meant', () => {
    expect(faults({ RABBITMQ_CA_FILE: ca })).toMatch(/RABBITMQ_URL: .*RABBITMQ_CA_FILE is set: plain text is refused, write amqps:/);
    const plain = { DATABASE_URL: `${good.DATABASE_URL}?sslmode=disable` };
    expect(faults(plain)).toBeUndefined();
    expect(faults({ ...plain, DATABASE_CA_FILE: ca })).toMatch(/DATABASE_URL: .*DATABASE_CA_FILE is set: plain text is refused/);
    const owner = { DATABASE_MIGRATIONS_URL: plain.DATABASE_URL };
    expect(faults({ ...owner, DATABASE_CA_FILE: ca })).toMatch(/DATABASE_MIGRATIONS_URL: .*DATABASE_CA_FILE is set: plain text is refused/);
    const deployer = { RABBITMQ_DEPLOY_URL: 'amqp://broker.example' };
    expect(faults({ ...amqps, ...deployer, RABBITMQ_CA_FILE: ca })).toMatch(/RABBITMQ_DEPLOY_URL: .*plain text is refused, write amqps:/);
  });

  it.each(['sslmode=require', 'sslmode=no-verify', 'sslmode=verify-ca', 'ssl=true', 'sslrootcert=ca.crt', 'uselibpqcompat=true'])(
    'refuses %s in the address of a database, which checks less than it seems to or overrides the files',
    (parameter) => {
      expect(faults({ DATABASE_URL: `${good.DATABASE_URL}?${parameter}` })).toMatch(/DATABASE_URL: has .*verify-full/);
    },
  );

  it('says all of it at once, beside what else is wrong', () => {
    expect(faults({ RABBITMQ_CA_FILE: ca, DATABASE_CERT_FILE: ours.certFile, LOG_FORMAT: 'xml' })).toContain('3 faults');
  });
});

function thrownBy(work: () => unknown): unknown {
  try {
    return work();
  } catch (error) {
    return error;
  }
}
