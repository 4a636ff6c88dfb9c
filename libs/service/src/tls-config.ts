import { createPrivateKey, X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { setting } from './setting.js';
import type { TlsFiles } from './tls.js';

type Peer = 'DATABASE' | 'RABBITMQ';

const readers = {
  certificate: (pem: Buffer) => new X509Certificate(pem),
  'private key without a passphrase': (pem: Buffer) => createPrivateKey(pem),
};

/** A path is never shown in what is wrong with it: somebody may have put the key itself there. */
function pemFile(kind: keyof typeof readers) {
  return z
    .string()
    .superRefine((path, context) => {
      const refuse = (message: string) => context.addIssue({ code: 'custom', message });
      let pem: Buffer;
      try {
        pem = readFileSync(path);
      } catch (error) {
        return refuse(`names a file that cannot be read (${(error as NodeJS.ErrnoException).code})`);
      }
      try {
        if (!pem.includes('-----BEGIN ')) throw new TypeError('DER, or nothing at all');
        readers[kind](pem);
      } catch {
        refuse(`names a file that is no ${kind} in PEM`);
      }
    })
    .optional();
}

const caFile = pemFile('certificate');
const certFile = pemFile('certificate');
const keyFile = pemFile('private key without a passphrase');

/** Each file is read again at every connection, so that what is renewed needs no restart. */
export const databaseTlsConfig = {
  DATABASE_CA_FILE: setting(caFile, 'Who vouches for the database, in PEM; without it the authorities that Node knows.'),
  DATABASE_CERT_FILE: setting(certFile, 'What the service shows to the database, in PEM.'),
  DATABASE_KEY_FILE: setting(keyFile, 'The key of that certificate, in PEM and without a passphrase.'),
};
export const rabbitmqTlsConfig = {
  RABBITMQ_CA_FILE: setting(caFile, 'Who vouches for the broker, in PEM; without it the authorities that Node knows.'),
  RABBITMQ_CERT_FILE: setting(certFile, 'What the service shows to the broker, in PEM.'),
  RABBITMQ_KEY_FILE: setting(keyFile, 'The key of that certificate, in PEM and without a passphrase.'),
};

/** The files that a configuration sets for a peer; undefined when it sets none. */
export function tlsFiles(peer: Peer, config: Readonly<Record<string, unknown>>): TlsFiles | undefined {
  const [ca, cert, key] = ['CA', 'CERT', 'KEY'].map((what) => config[`${peer}_${what}_FILE`] as string | undefined);
  return ca || cert || key ? { ca, cert, key } : undefined;
}

/** The address of a database says whether to use TLS, and nothing about how: what pg reads there overrides all else. */
export const databaseUrl = z.url({ protocol: /^postgres(ql)?$/ }).superRefine((url, context) => {
  for (const [name, value] of new URL(url).searchParams) {
    if (name === 'sslmode' ? /^(disable|verify-full)$/.test(value) : !/^ssl|^uselibpqcompat$/.test(name)) continue;
    const message =
      name === 'sslmode'
        ? 'has an sslmode that checks less than it seems to: write verify-full, or disable'
        : `has ${name}: for TLS write sslmode=verify-full, and name files by DATABASE_CA_FILE, DATABASE_CERT_FILE and DATABASE_KEY_FILE`;
    context.addIssue({ code: 'custom', message });
  }
});

/** What variables that are good in themselves say against each other, by the variable to change. */
export function tlsFaults(env: Readonly<Record<string, string | undefined>>): [variable: string, fault: string][] {
  const faults: [string, string][] = [];
  for (const peer of ['DATABASE', 'RABBITMQ'] as const) {
    const [ca, cert, key] = [`${peer}_CA_FILE`, `${peer}_CERT_FILE`, `${peer}_KEY_FILE`] as const;
    if (env[cert] && !env[key]) faults.push([key, `is not set, and without it ${cert} proves nothing`]);
    if (env[key] && !env[cert]) faults.push([cert, `is not set, and ${key} belongs to it`]);
    if (env[cert] && env[key] && !belongTogether(env[cert], env[key])) faults.push([key, `is not the key of ${cert}`]);
    const named = [ca, cert, key].find((file) => env[file]);
    const instead = peer === 'RABBITMQ' ? 'write amqps://' : 'leave sslmode=disable out';
    for (const address of [`${peer}_URL`, peer === 'RABBITMQ' ? 'RABBITMQ_DEPLOY_URL' : 'DATABASE_MIGRATIONS_URL'])
      if (named && /^amqp:|[?&]sslmode=disable/.test(env[address] ?? ''))
        faults.push([address, `asks for plain text, and ${named} is set: plain text is refused, ${instead}`]);
  }
  return faults;
}

/** What cannot be read has been complained of already. */
function belongTogether(cert: string, key: string): boolean {
  try {
    return new X509Certificate(readFileSync(cert)).checkPrivateKey(createPrivateKey(readFileSync(key)));
  } catch {
    return true;
  }
}
