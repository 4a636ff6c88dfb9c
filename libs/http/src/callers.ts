import { errors, jwtVerify, type JWTPayload, type JWTVerifyGetKey } from 'jose';
import { JwksFile, jwksUrl } from './jwks.js';
import { problem, Problem } from './problem-details.js';

/** Whose tokens are taken, by the names of the variables that say so. */
export interface CallersConfig {
  readonly JWT_ISSUER: string;
  readonly JWT_AUDIENCE: string;
  /** The only algorithm that is taken, whatever a token says of itself. */
  readonly JWT_ALGORITHM: string;
  /** One of these two is there. */
  readonly JWT_JWKS_URL?: string | undefined;
  readonly JWT_JWKS_FILE?: string | undefined;
}

/** What a token says of who shows it. */
export interface Identity {
  readonly subject: string;
  readonly roles: ReadonlySet<unknown>;
}

interface Remembered extends Identity {
  /** Milliseconds since 1970. */
  readonly until: number;
}

const clockToleranceSeconds = 10;

// Long enough that a busy caller costs no cryptography, short enough that a key that was taken back is soon good for nothing.
const rememberedMs = 300_000;
const mostRemembered = 10_000;
const longestRemembered = 4096;

// Visible ASCII: it stands in logs and rows as it is.
const subjectShape = /^[\x21-\x7e]{1,255}$/;
const bearer = /^Bearer +([\w-]+\.[\w-]+\.[\w-]+)$/i;

/** Knows callers by their tokens: JWTs that an issuer has signed for us. */
export class Callers {
  private readonly keys: JWTVerifyGetKey;
  /** By the header, the latest used last. */
  private readonly remembered = new Map<string, Remembered>();

  constructor(private readonly config: CallersConfig) {
    const { JWT_JWKS_URL: url, JWT_JWKS_FILE: file } = config;
    if (url !== undefined) this.keys = jwksUrl(new URL(url));
    else if (file !== undefined) this.keys = new JwksFile(file).find;
    else throw new TypeError('Neither JWT_JWKS_URL nor JWT_JWKS_FILE is set');
  }

  /**
   * Who shows this `Authorization` header; nobody without one. Only a header that was not seen lately has to be waited for.
   *
   * Throws `unauthenticated` for a token that is not good, and `temporarily-unavailable` when the issuer's keys cannot be had.
   */
  identify(authorization: string | undefined): Identity | undefined | Promise<Identity> {
    if (authorization === undefined) return undefined;
    const known = this.remembered.get(authorization);
    if (!known) return this.verify(authorization);
    this.remembered.delete(authorization);
    if (known.until <= Date.now()) return this.verify(authorization);
    this.remembered.set(authorization, known);
    return known;
  }

  private async verify(authorization: string): Promise<Identity> {
    const [, token] = bearer.exec(authorization) ?? [];
    if (token === undefined) throw unauthenticated();
    const payload = await this.payloadOf(token);
    const { sub: subject, roles, exp = 0 } = payload;
    if (typeof subject !== 'string' || !subjectShape.test(subject)) throw unauthenticated();
    const identity = {
      subject,
      roles: new Set(Array.isArray(roles) ? roles : []),
      until: Math.min(exp * 1000, Date.now() + rememberedMs),
    };
    if (authorization.length <= longestRemembered) this.remember(authorization, identity);
    return identity;
  }

  private async payloadOf(token: string): Promise<JWTPayload> {
    const { JWT_ISSUER: issuer, JWT_AUDIENCE: audience, JWT_ALGORITHM: algorithm } = this.config;
    try {
      const { payload } = await jwtVerify(token, this.keys, {
        issuer,
        audience,
        algorithms: [algorithm],
        clockTolerance: clockToleranceSeconds,
        requiredClaims: ['sub', 'exp'],
      });
      return payload;
    } catch (error) {
      if (error instanceof Problem || !(error instanceof errors.JOSEError)) throw error;
      throw unauthenticated();
    }
  }

  private remember(authorization: string, identity: Remembered): void {
    const [longestUnused] = this.remembered.keys();
    if (longestUnused !== undefined && this.remembered.size >= mostRemembered) this.remembered.delete(longestUnused);
    this.remembered.set(authorization, identity);
  }
}

/** In the same words whatever is missing or bad. */
export function unauthenticated(): Problem {
  return problem('unauthenticated', 'Show a token of a caller: Authorization: Bearer …');
}
