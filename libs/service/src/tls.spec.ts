import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CertificateAuthority, type IssuedCertificate } from '#libs/testing';
import { connectFault, tlsOptions } from './tls.js';

let dir: string;
let ours: IssuedCertificate;
let renewed: IssuedCertificate;

beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'orderly-tls-'));
  const authority = await CertificateAuthority.create(join(dir, 'authority'));
  [ours, renewed] = await Promise.all([authority.issue({ name: 'order' }), authority.issue({ name: 'order' })]);
});
afterAll(() => rmSync(dir, { recursive: true }));

describe('the files of a connection', () => {
  it('are read anew for each, and while a renewal is half done they are what they were', () => {
    const [cert, key] = [join(dir, 'order.crt'), join(dir, 'order.key')];
    copyFileSync(ours.certFile, cert);
    copyFileSync(ours.keyFile, key);
    const options = tlsOptions({ cert, key });
    const before = options.secureContext;
    expect(options.secureContext).not.toBe(before);
    const whole = options.secureContext;
    copyFileSync(renewed.certFile, cert);
    expect(options.secureContext).toBe(whole);
    writeFileSync(key, '');
    expect(options.secureContext).toBe(whole);
    copyFileSync(renewed.keyFile, key);
    expect(options.secureContext).not.toBe(whole);
  });

  it('have to be there from the beginning', () => expect(() => tlsOptions({ ca: join(dir, 'nothing.crt') })).toThrow('ENOENT'));
});

describe('why a connection could not be made', () => {
  it('is said in words, and what is not known by its code as it came', () => {
    expect(connectFault(Object.assign(new Error('nobody knows'), { code: 'CERT_HAS_EXPIRED' }))).toBe(
      "the server's certificate has expired (nobody knows)",
    );
    expect(connectFault(new Error('password authentication failed'))).toBe('password authentication failed');
    expect(connectFault(Object.assign(new AggregateError([]), { code: 'ECONNREFUSED' }))).toBe('ECONNREFUSED');
  });
});
