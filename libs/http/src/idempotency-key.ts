import { createHash } from 'node:crypto';
import { applyDecorators, createParamDecorator, SetMetadata, type ExecutionContext } from '@nestjs/common';
import { ApiHeader } from '@nestjs/swagger';
import { scopeOf } from './caller.js';
import { pathOf, type HttpRequest } from './http-request.js';
import { problem } from './problem-details.js';
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
      schema: { type: 'string', minLength: 1, maxLength: 255, examples: ['8d2f6c1e-3f0b-4a57-9a3e-5b1c7d9e0f42'] },
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
