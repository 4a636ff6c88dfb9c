import { readFileSync, statSync } from 'node:fs';
import { Logger } from '@nestjs/common';
import { createLocalJWKSet, createRemoteJWKSet, errors, type JSONWebKeySet, type JWTVerifyGetKey } from 'jose';
import { problem } from './problem-details.js';

const logger = new Logger('Jwks');

/** How old the keys of an address may be before they are asked for again. */
const freshMs = 600_000;
/** How long nobody asks again because of a key that is unknown: anybody can make up tokens that name one. */
const cooldownMs = 30_000;
const timeoutMs = 5000;

/** The keys at an address. When the issuer does not answer, those that were known last are good until it does. */
export function jwksUrl(url: URL): JWTVerifyGetKey {
  const remote = createRemoteJWKSet(url, { cacheMaxAge: freshMs, cooldownDuration: cooldownMs, timeoutDuration: timeoutMs });
  return async (header, token) => {
    try {
      return await remote(header, token);
    } catch (error) {
      if (error instanceof errors.JWKSNoMatchingKey || error instanceof errors.JWKSMultipleMatchingKeys) throw error;
      logger.warn(`the keys at ${url.origin}${url.pathname} cannot be had: ${(error as Error).message}`);
      const known = remote.jwks();
      if (!known) throw problem('temporarily-unavailable', 'It cannot be found out who is calling. Try again in a moment.');
      return createLocalJWKSet(known)(header, token);
    }
  };
}

/** The keys in a file, which is read again when it has changed. */
export class JwksFile {
  private keys: JWTVerifyGetKey | undefined;
  private version = '';

  constructor(private readonly file: string) {
    this.reread();
  }

  readonly find: JWTVerifyGetKey = async (header, token) => {
    this.reread();
    if (!this.keys) throw problem('temporarily-unavailable', 'It cannot be found out who is calling. Try again in a moment.');
    return this.keys(header, token);
  };

  /** What cannot be read changes nothing: somebody may be writing it. */
  private reread(): void {
    try {
      const { mtimeMs, size, ino } = statSync(this.file);
      const version = `${mtimeMs} ${size} ${ino}`;
      if (version === this.version) return;
      this.keys = createLocalJWKSet(JSON.parse(readFileSync(this.file, 'utf8')) as JSONWebKeySet);
      this.version = version;
    } catch (error) {
      logger.warn(`the keys in JWT_JWKS_FILE cannot be read: ${(error as NodeJS.ErrnoException).code ?? (error as Error).name}`);
    }
  }
}
