// The library below wants it before its first import.
import 'reflect-metadata';
import { webcrypto } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { isIP } from 'node:net';
import { basename, join } from 'node:path';
import {
  BasicConstraintsExtension,
  ExtendedKeyUsage,
  ExtendedKeyUsageExtension,
  KeyUsageFlags,
  KeyUsagesExtension,
  SubjectAlternativeNameExtension,
  X509CertificateGenerator,
  type X509Certificate,
} from '@peculiar/x509';

const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
const hour = 3_600_000;

/** A certificate and its private key, as files in PEM. */
export interface IssuedCertificate {
  readonly certFile: string;
  readonly keyFile: string;
}

/** An authority of a test's own, whose certificates nobody else trusts. */
export class CertificateAuthority {
  private issued = 0;

  private constructor(
    private readonly dir: string,
    private readonly certificate: X509Certificate,
    private readonly keys: webcrypto.CryptoKeyPair,
    /** Its own certificate, for those who shall trust it. */
    readonly caFile: string,
  ) {}

  /** @param dir where it keeps what it issues, with its name at the end */
  static async create(dir: string): Promise<CertificateAuthority> {
    mkdirSync(dir, { recursive: true });
    const keys = await newKeys();
    const certificate = await X509CertificateGenerator.createSelfSigned({
      name: `CN=the authority ${basename(dir)}`,
      notBefore: new Date(Date.now() - hour),
      notAfter: new Date(Date.now() + hour),
      signingAlgorithm: algorithm,
      keys,
      extensions: [new BasicConstraintsExtension(true, undefined, true), new KeyUsagesExtension(KeyUsageFlags.keyCertSign, true)],
    });
    const caFile = join(dir, 'ca.crt');
    writeFileSync(caFile, `${certificate.toString('pem')}\n`);
    return new CertificateAuthority(dir, certificate, keys, caFile);
  }

  /**
   * A certificate for a server or a client, good for an hour.
   * @param whom.hosts the names and addresses at which a server may be called
   * @param whom.expired it was good until a minute ago
   */
  async issue(whom: { name: string; hosts?: readonly string[]; expired?: boolean }): Promise<IssuedCertificate> {
    const keys = await newKeys();
    const certificate = await X509CertificateGenerator.create({
      subject: `CN=${whom.name}`,
      issuer: this.certificate.subject,
      notBefore: new Date(Date.now() - hour),
      notAfter: new Date(Date.now() + (whom.expired ? -60_000 : hour)),
      signingAlgorithm: algorithm,
      publicKey: keys.publicKey,
      signingKey: this.keys.privateKey,
      extensions: [
        new KeyUsagesExtension(KeyUsageFlags.digitalSignature, true),
        new ExtendedKeyUsageExtension([ExtendedKeyUsage.serverAuth, ExtendedKeyUsage.clientAuth]),
        ...(whom.hosts
          ? [
              new SubjectAlternativeNameExtension(
                whom.hosts.map((value) => ({ type: isIP(value) ? ('ip' as const) : ('dns' as const), value })),
              ),
            ]
          : []),
      ],
    });
    const base = join(this.dir, `${whom.name}-${(this.issued += 1)}`);
    writeFileSync(`${base}.crt`, `${certificate.toString('pem')}\n`);
    const key = Buffer.from(await webcrypto.subtle.exportKey('pkcs8', keys.privateKey)).toString('base64');
    writeFileSync(`${base}.key`, `-----BEGIN PRIVATE KEY-----\n${key.replaceAll(/.{64}/g, '$&\n')}\n-----END PRIVATE KEY-----\n`, {
      mode: 0o600,
    });
    return { certFile: `${base}.crt`, keyFile: `${base}.key` };
  }
}

function newKeys(): Promise<webcrypto.CryptoKeyPair> {
  return webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
}
