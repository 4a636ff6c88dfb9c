import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { TokenIssuer, type Role } from '#libs/issuer';

// Longer than any run, also for a service whose clock is set wrong.
const validSeconds = 30 * 24 * 3600;

let issuer: TokenIssuer | undefined;
const headers = new Map<string, { readonly authorization: string }>();

/** The issuer of this process: every service that a `ServiceProcess` starts takes its tokens. */
export function testIssuer(): TokenIssuer {
  if (!issuer) {
    const folder = mkdtempSync(join(tmpdir(), 'orderly-issuer-'));
    process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
    issuer = TokenIssuer.at(folder);
  }
  return issuer;
}

/** What a service is told about callers: they have tokens of {@link testIssuer}, and ask as often as they like. */
export function callersEnvironment(): Record<string, string> {
  const unlimited = ['ADDRESS', 'CALLER', 'PLACE_ORDER', 'WEBHOOK'].map((what) => [`${what}_RATE_PER_SECOND`, '0']);
  return { ...testIssuer().environment, ...Object.fromEntries(unlimited) };
}

/** The headers of a request that comes from this customer. */
export const asCustomer = (id: string): Record<string, string> => headersOf(id, 'customer');

/** The headers of a request that comes from this operator. */
export const asOperator = (name: string): Record<string, string> => headersOf(name, 'operator');

/** A token of this operator, for what takes no headers. */
export const operatorToken = (name: string): string => testIssuer().token(name, 'operator', validSeconds);

/** The same token each time, as a client keeps the one that it has. */
function headersOf(subject: string, role: Role): Record<string, string> {
  const known = headers.get(`${role} ${subject}`) ?? { authorization: `Bearer ${testIssuer().token(subject, role, validSeconds)}` };
  headers.set(`${role} ${subject}`, known);
  return { ...known };
}
