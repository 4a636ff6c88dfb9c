import { createHash, createPrivateKey, createPublicKey, generateKeyPairSync, sign, type KeyObject } from 'node:crypto';
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Whoever reaches this issuer can be anybody, so it has no place where money is real. */
export class NotInProduction extends Error {
  override readonly name = 'NotInProduction';

  constructor() {
    super('NODE_ENV is production: this issuer gives anybody any token, and is for demos and tests alone. Name your own by JWT_ISSUER.');
  }
}

export type Role = 'customer' | 'operator';

/** What a service has to be told so that it takes the tokens of an issuer. */
export interface IssuerEnvironment extends Record<string, string> {
  readonly JWT_ISSUER: string;
  readonly JWT_AUDIENCE: string;
  readonly JWT_JWKS_FILE: string;
}

const issuer = 'https://issuer.orderly.example';
const audience = 'orderly';

/** An issuer of tokens for demos and tests: a key pair in a folder, and the file of keys that services are given beside it. */
export class TokenIssuer {
  private constructor(
    private readonly key: KeyObject,
    private readonly keyId: string,
    readonly environment: IssuerEnvironment,
  ) {}

  /**
   * The issuer that a folder keeps, or a new one. `private/` holds the key and `public/` what services read, so that a container need not
   * be shown the first to be given the second.
   * @throws NotInProduction
   */
  static at(folder: string): TokenIssuer {
    if (process.env['NODE_ENV'] === 'production') throw new NotInProduction();
    const key = keyIn(join(folder, 'private'));
    const { crv, kty, x } = createPublicKey(key).export({ format: 'jwk' });
    // RFC 7638: the same key has the same name wherever it is named.
    const keyId = createHash('sha256').update(JSON.stringify({ crv, kty, x })).digest('base64url');
    const publicFolder = join(folder, 'public');
    mkdirSync(publicFolder, { recursive: true });
    const file = join(publicFolder, 'jwks.json');
    writeWhole(file, `${JSON.stringify({ keys: [{ kty, crv, x, kid: keyId, alg: 'EdDSA', use: 'sig' }] }, undefined, 2)}\n`);
    return new TokenIssuer(key, keyId, { JWT_ISSUER: issuer, JWT_AUDIENCE: audience, JWT_JWKS_FILE: file });
  }

  /** A token for somebody, from now on for so many seconds. `claims` overrides what it says: a test wants wrong ones, too. */
  token(subject: string, role: Role, validSeconds: number, claims: Readonly<Record<string, unknown>> = {}): string {
    const now = Math.floor(Date.now() / 1000);
    const said = { iss: issuer, aud: audience, sub: subject, roles: [role], iat: now, exp: now + validSeconds, ...claims };
    const signed = [{ alg: 'EdDSA', typ: 'JWT', kid: this.keyId }, said].map(encoded).join('.');
    return `${signed}.${sign(null, Buffer.from(signed), this.key).toString('base64url')}`;
  }
}

const encoded = (part: object): string => Buffer.from(JSON.stringify(part)).toString('base64url');

function keyIn(folder: string): KeyObject {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const file = join(folder, 'key.pem');
  try {
    const { privateKey } = generateKeyPairSync('ed25519');
    writeFileSync(file, privateKey.export({ format: 'pem', type: 'pkcs8' }), { mode: 0o600, flag: 'wx' });
    return privateKey;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    return createPrivateKey(readFileSync(file));
  }
}

/** Services that run reread the file when it changes, and must not find half of it. */
function writeWhole(file: string, text: string): void {
  const next = `${file}.${process.pid}`;
  writeFileSync(next, text);
  renameSync(next, file);
}
