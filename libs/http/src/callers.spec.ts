import { createHmac, generateKeyPairSync, sign, type KeyObject } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { exportJWK, type JWK, SignJWT } from 'jose';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { Callers } from './callers.js';
import { Problem } from './problem-details.js';

interface Pair {
  readonly key: KeyObject;
  readonly jwk: JWK;
}

const config = { JWT_ISSUER: 'https://issuer.example', JWT_AUDIENCE: 'orderly', JWT_ALGORITHM: 'EdDSA' };
const claims = { iss: config.JWT_ISSUER, aud: config.JWT_AUDIENCE, sub: 'ada', roles: ['customer'] };
const now = () => Math.floor(Date.now() / 1000);

let ours: Pair;
let next: Pair;
let folder: string;
let file: string;
let callers: Callers;

beforeAll(async () => {
  [ours, next] = [await pair('ours'), await pair('next')];
  folder = mkdtempSync(join(tmpdir(), 'orderly-callers-'));
  file = join(folder, 'jwks.json');
  publish(ours);
  callers = new Callers({ ...config, JWT_JWKS_FILE: file });
});
afterEach(() => void vi.useRealTimers());
afterAll(() => rmSync(folder, { recursive: true }));

async function pair(kid: string): Promise<Pair> {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  return { key: privateKey, jwk: { ...(await exportJWK(publicKey)), kid, alg: 'EdDSA' } };
}

const publish = (...pairs: Pair[]) => writeFileSync(file, JSON.stringify({ keys: pairs.map(({ jwk }) => jwk) }));

function token({ key, jwk }: Pair = ours, over: object = {}, header: object = {}): Promise<string> {
  const said = { ...claims, exp: now() + 60, ...over };
  return new SignJWT(said).setProtectedHeader({ alg: 'EdDSA', kid: jwk.kid!, ...header }).sign(key);
}

/** Whom a token shows, or what it is refused with. */
async function seen(shown: string, by = callers): Promise<string> {
  try {
    return (await by.identify(`Bearer ${shown}`))?.subject ?? 'nobody';
  } catch (error) {
    if (error instanceof Problem) return error.slug;
    throw error;
  }
}

const unsigned = (header: object, said: object) =>
  [header, said].map((part) => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.');

describe('a caller is known by a token', () => {
  it('that the issuer has signed for us, with the roles that it says', async () => {
    expect(await callers.identify(`Bearer ${await token(ours, { roles: ['customer', 'operator', 7] })}`)).toMatchObject({
      subject: 'ada',
      roles: new Set(['customer', 'operator', 7]),
    });
  });

  it('in whatever case the scheme is written', async () => {
    expect(await callers.identify(`bearer ${await token()}`)).toMatchObject({ subject: 'ada' });
  });

  it('whose subject may be as issuers make them', async () => {
    for (const sub of ['auth0|5f7c8ec7', 'https://id.example/ada', 'ada@example.com', 'a'.repeat(255)])
      expect(await seen(await token(ours, { sub }))).toBe(sub);
  });

  it('and without one is nobody, which is not yet wrong', () => expect(callers.identify(undefined)).toBeUndefined());

  it.each<[string, object]>([
    ['another issuer', { iss: 'https://evil.example' }],
    ['for somebody else', { aud: 'billing' }],
    ['for nobody', { aud: undefined }],
    ['too old', { exp: now() - 60 }],
    ['good for ever', { exp: undefined }],
    ['not good yet', { nbf: now() + 60 }],
    ['of nobody', { sub: undefined }],
    ['of an empty name', { sub: '' }],
    ['of a name with a line break', { sub: 'ada\n{"level":"fatal"}' }],
    ['of a name with a space', { sub: 'ada lovelace' }],
    ['of a name that is no text', { sub: 7 }],
    ['of a very long name', { sub: 'a'.repeat(256) }],
  ])('but not by one that is %s', async (_, over) => {
    expect(await seen(await token(ours, over))).toBe('unauthenticated');
  });

  it('that has just ended, as clocks differ by seconds', async () => {
    expect(await seen(await token(ours, { exp: now() - 5 }))).toBe('ada');
  });

  it.each<[string, () => string | Promise<string>]>([
    ['signed with another key', async () => token({ ...next, jwk: ours.jwk })],
    ['of a key that nobody knows', () => token(next)],
    ['that says it needs no signature', () => `${unsigned({ alg: 'none' }, { ...claims, exp: now() + 60 })}.`],
    [
      'signed with our public key as if it were a secret',
      () => {
        const signed = unsigned({ alg: 'HS256', kid: 'ours' }, { ...claims, exp: now() + 60 });
        return `${signed}.${createHmac('sha256', ours.jwk.x!).update(signed).digest('base64url')}`;
      },
    ],
    [
      'of another algorithm, though its key is in the set',
      async () => {
        const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
        const other = { key: privateKey, jwk: { ...(await exportJWK(publicKey)), kid: 'ec' } };
        publish(ours, other);
        return token(other, {}, { alg: 'ES256' });
      },
    ],
    [
      'whose claims were changed',
      async () => (await token()).replace(/\.[^.]+\./, `.${Buffer.from('{"sub":"eve"}').toString('base64url')}.`),
    ],
    [
      'with a demand that nobody understands',
      () => {
        const signed = unsigned({ alg: 'EdDSA', kid: 'ours', crit: ['mood'], mood: 'good' }, { ...claims, exp: now() + 60 });
        return `${signed}.${sign(null, Buffer.from(signed), ours.key).toString('base64url')}`;
      },
    ],
    ['cut short', async () => (await token()).slice(0, -10)],
    ['with five parts', () => 'a.b.c.d.e'],
    ['that is none', () => 'open sesame'],
    ['empty', () => ''],
  ])('and not by one %s', async (_, shown) => {
    expect(await seen(await shown())).toBe('unauthenticated');
  });
});

describe('a token that was seen', () => {
  it('is not verified again, until it ends', async () => {
    const shown = `Bearer ${await token(ours, { exp: now() + 30 })}`;
    await callers.identify(shown);
    expect(callers.identify(shown)).toMatchObject({ subject: 'ada' });
    expect(callers.identify(shown)).not.toBeInstanceOf(Promise);
    vi.useFakeTimers({ now: Date.now() + 45_000, toFake: ['Date'] });
    await expect(callers.identify(shown)).rejects.toThrow(expect.objectContaining({ slug: 'unauthenticated' }));
  });

  it('is verified again after five minutes, so that a key that was taken back takes its tokens with it', async () => {
    const taken = await pair('taken-back');
    publish(ours, taken);
    const shown = await token(taken, { exp: now() + 3600 });
    expect(await seen(shown)).toBe('ada');
    publish(ours);
    expect(await seen(shown)).toBe('ada');
    vi.useFakeTimers({ now: Date.now() + 301_000, toFake: ['Date'] });
    expect(await seen(shown)).toBe('unauthenticated');
  });

  it('makes room for ten thousand others, the longest unused first', async () => {
    const many = new Callers({ ...config, JWT_JWKS_FILE: file });
    const remembered = (many as unknown as { remembered: Map<string, object> }).remembered;
    const first = `Bearer ${await token()}`;
    await many.identify(first);
    for (let index = 0; index < 9_999; index++) remembered.set(`Bearer ${index}`, { subject: 'x', roles: new Set(), until: Infinity });
    // Used again, so it is not the one to go.
    void many.identify(first);
    await many.identify(`Bearer ${await token(ours, { sub: 'grace' })}`);
    expect(remembered.size).toBe(10_000);
    expect(remembered.has(first)).toBe(true);
    expect(remembered.has('Bearer 0')).toBe(false);
  });
});

describe('keys in a file', () => {
  it('are read again when it changes, and stay as they were while it cannot be read', async () => {
    publish(ours, next);
    expect(await seen(await token(next))).toBe('ada');
    writeFileSync(file, readFileSync(file, 'utf8').slice(0, 20));
    expect(await seen(await token(next, { sub: 'grace' }))).toBe('grace');
    rmSync(file);
    expect(await seen(await token(next, { sub: 'linus' }))).toBe('linus');
    publish(ours);
    expect(await seen(await token(next, { sub: 'eve' }))).toBe('unauthenticated');
  });
});

describe('keys at an address', () => {
  let server: Server;
  let keys: Pair[];
  let asked: number;
  let status: number;

  beforeAll(async () => {
    server = createServer((_, response) => {
      asked += 1;
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify({ keys: keys.map(({ jwk }) => jwk) }));
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
  });
  afterAll(() => void server.close());

  function remote(): Callers {
    [asked, status, keys] = [0, 200, [ours]];
    return new Callers({ ...config, JWT_JWKS_URL: `http://127.0.0.1:${(server.address() as AddressInfo).port}/jwks.json` });
  }

  it('are asked for once, and again for a key that is unknown, though not each time', async () => {
    const by = remote();
    for (const sub of ['ada', 'grace']) expect(await seen(await token(ours, { sub }), by)).toBe(sub);
    expect(asked).toBe(1);
    for (let time = 0; time < 5; time++) expect(await seen(await token(next), by)).toBe('unauthenticated');
    expect(asked).toBe(1);
    keys = [ours, next];
    vi.useFakeTimers({ now: Date.now() + 31_000, toFake: ['Date'] });
    expect(await seen(await token(next), by)).toBe('ada');
    expect(asked).toBe(2);
  });

  it('that cannot be had are a matter of time, and those that are known stay good', async () => {
    const by = remote();
    status = 500;
    expect(await seen(await token(), by)).toBe('temporarily-unavailable');
    status = 200;
    expect(await seen(await token(), by)).toBe('ada');
    status = 500;
    vi.useFakeTimers({ now: Date.now() + 660_000, toFake: ['Date'] });
    expect(await seen(await token(ours, { sub: 'grace' }), by)).toBe('grace');
    expect(await seen(await token(next), by)).toBe('unauthenticated');
  });
});
