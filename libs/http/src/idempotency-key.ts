import { createHash } from 'node:crypto';
import { applyDecorators, createParamDecorator, SetMetadata, type ExecutionContext } from '@nestjs/common';
import { ApiHeader } from '@nestjs/swagger';
import type { EntityManager } from 'typeorm';
import { Answer } from './answer.js';
import { scopeOf } from './caller.js';
import { databaseCodeOf } from './database-errors.js';
import { pathOf, type HttpRequest } from './http-request.js';
import { problem, type Problem } from './problem-details.js';
import { Refusals } from './refusals.js';

/** What one Idempotency-Key stands for. */
export interface IdempotentRequest {
  /** See `scopeOf`. */
  readonly scope: string;
  readonly method: string;
  readonly path: string;
  readonly key: string;
  /** SHA-256 of the canonical body, as hex: what tells a repeat from another request with the same key. */
  readonly fingerprint: string;
}

/** Set on routes that need the key. */
export const IDEMPOTENT = 'orderly:idempotent';

/** The route needs an Idempotency-Key. Its handler takes the {@link IdempotencyParam} to {@link answerOnce}. */
export const Idempotent = () =>
  applyDecorators(
    SetMetadata(IDEMPOTENT, true),
    ApiHeader({
      name: 'Idempotency-Key',
      required: true,
      description: 'A new one for each thing to be done, the same for each repeat of it. Kept for 24 hours.',
      schema: { type: 'string', minLength: 1, maxLength: 255 },
    }),
    Refusals('idempotency-key-missing', 'idempotency-key-invalid', 'idempotency-key-in-use', 'idempotency-key-reused'),
  );

/** Hands a handler the {@link IdempotentRequest}. */
export const IdempotencyParam = createParamDecorator((_data: unknown, context: ExecutionContext): IdempotentRequest => {
  const request = context.switchToHttp().getRequest<HttpRequest>();
  return {
    scope: scopeOf(request.caller),
    method: request.method,
    path: pathOf(request),
    key: requireKey(request.headers['idempotency-key']),
    fingerprint: fingerprintOf(request.bodyAsSent),
  };
});

/** The key, checked. Throws `idempotency-key-missing` or `idempotency-key-invalid`. */
export function requireKey(header: string | string[] | undefined): string {
  if (header === undefined || header === '') throw problem('idempotency-key-missing', 'Send a key that is new for each thing to be done.');
  if (typeof header !== 'string' || !/^[\x21-\x7e]{1,255}$/.test(header)) {
    throw problem('idempotency-key-invalid', 'The key is 1 to 255 visible ASCII characters.');
  }
  return header;
}

/** The fingerprint of a body that passed validation; the order of its members does not matter. */
export function fingerprintOf(body: unknown): string {
  return createHash('sha256').update(canonical(body)).digest('hex');
}

function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join()}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'nothing';
  const members = Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1));
  return `{${members.map(([name, member]) => `${JSON.stringify(name)}:${canonical(member)}`).join()}}`;
}

/**
 * Does the work of a key once, in the caller's transaction, and answers each repeat with the stored answer. The unique key decides who
 * works: others wait for that transaction, at most for the session's `lock_timeout`. When the work throws, the transaction has to be
 * rolled back, which frees the key.
 *
 * Throws `idempotency-key-in-use` when the wait was too long, `idempotency-key-reused` when the key's request was another one.
 */
export async function answerOnce(manager: EntityManager, request: IdempotentRequest, work: () => Promise<Answer>): Promise<Answer> {
  const { scope, method, path, key } = request;
  if (!(await claim(manager, request))) {
    const stored = await findAnswer(manager, request);
    if (stored) return stored;
    // The row went away between the two statements: it had been kept its time.
    throw inUse();
  }
  const given = await work();
  await manager.query(
    `UPDATE idempotency_keys SET status = $5, headers = $6, body = $7 WHERE caller = $1 AND method = $2 AND path = $3 AND key = $4`,
    [scope, method, path, key, given.status, JSON.stringify(given.headers), given.body],
  );
  return given;
}

async function claim(manager: EntityManager, { scope, method, path, key, fingerprint }: IdempotentRequest): Promise<boolean> {
  try {
    const claimed: unknown[] = await manager.query(
      `INSERT INTO idempotency_keys (caller, method, path, key, fingerprint) VALUES ($1, $2, $3, $4, $5)
       ON CONFLICT DO NOTHING RETURNING 1`,
      [scope, method, path, key, fingerprint],
    );
    return claimed.length === 1;
  } catch (error) {
    // lock_not_available
    if (databaseCodeOf(error) === '55P03') throw inUse();
    throw error;
  }
}

/**
 * The stored answer to this request, when its work is finished and committed. Ask before existence and state are checked: a replay comes
 * first. Throws `idempotency-key-reused` when the key's request was another one.
 */
export async function findAnswer(manager: EntityManager, request: IdempotentRequest): Promise<Answer | undefined> {
  const { scope, method, path, key, fingerprint } = request;
  const [stored] = await manager.query<StoredAnswer[]>(
    `SELECT fingerprint, status, headers, body FROM idempotency_keys WHERE caller = $1 AND method = $2 AND path = $3 AND key = $4`,
    [scope, method, path, key],
  );
  if (!stored) return undefined;
  if (stored.fingerprint !== fingerprint) throw problem('idempotency-key-reused', 'Send the same body as the first time, or a new key.');
  return new Answer(stored.status, stored.body, stored.headers, true);
}

interface StoredAnswer {
  readonly fingerprint: string;
  readonly status: number;
  readonly headers: Record<string, string>;
  readonly body: string;
}

function inUse(): Problem {
  return problem('idempotency-key-in-use', 'Ask again in a moment, with the same key.');
}
