import type { IncomingHttpHeaders } from 'node:http';
import type { Readable } from 'node:stream';
import { problem, type Problem } from './problem-details.js';

/** The largest body that is taken. */
export const bodyLimitBytes = 64 * 1024;

// Read and thrown away, because a client that is still sending would see a reset connection instead of the refusal.
const patienceBytes = 4 * 1024 * 1024;

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Reads a body as JSON: first its size is judged, then its media type, then its syntax. An empty body is undefined. */
export async function readJsonBody(headers: IncomingHttpHeaders, payload: Readable): Promise<unknown> {
  const bytes = await readBytes(payload);
  if (bytes.length === 0) return undefined;
  const refusal = mediaTypeRefusal(headers);
  if (refusal) throw refusal;
  return parseJson(bytes);
}

/** Reads a body as it comes. Throws `body-too-large`, and `malformed-request` when it does not come in whole. */
export function readBytes(payload: Readable): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    payload.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size <= bodyLimitBytes) chunks.push(chunk);
      else if (size > patienceBytes) refuse();
    });
    payload.on('end', () => (size > bodyLimitBytes ? refuse() : resolve(Buffer.concat(chunks, size))));
    payload.on('error', breakOff);
    // A client that goes away says neither 'end' nor, in every case, 'error'.
    payload.on('close', () => payload.readableEnded || breakOff());

    function breakOff(): void {
      reject(problem('malformed-request', 'The body did not arrive in whole.'));
    }

    function refuse(): void {
      chunks.length = 0;
      reject(problem('body-too-large', `The body is larger than ${bodyLimitBytes} bytes.`));
    }
  });
}

/** The refusal of a body by its headers, if they deserve one. */
export function mediaTypeRefusal(headers: IncomingHttpHeaders): Problem | undefined {
  const [type = '', ...parameters] = (headers['content-type'] ?? '').split(';').map((part) => part.trim().toLowerCase());
  const charsets = parameters.filter((parameter) => parameter.startsWith('charset='));
  if (type !== 'application/json' || !charsets.every((charset) => /^charset="?utf-8"?$/.test(charset))) {
    return problem('unsupported-media-type', 'Send the body as application/json in UTF-8.');
  }
  if (headers['content-encoding'] !== undefined) return problem('unsupported-media-type', 'Send the body without a content encoding.');
  return undefined;
}

/** Throws `malformed-json`. Of a doubled member the last value counts. */
export function parseJson(bytes: Uint8Array): unknown {
  let value: unknown;
  try {
    value = JSON.parse(utf8.decode(bytes));
  } catch {
    throw problem('malformed-json', 'The body is not JSON in UTF-8, without a byte order mark.');
  }
  if (namesPrototype(value)) throw problem('malformed-json', 'The body has a member named __proto__.');
  return value;
}

function namesPrototype(value: unknown): boolean {
  // An own stack: 64 KiB of brackets are deeper than the call stack.
  const left: unknown[] = [value];
  while (left.length > 0) {
    const next = left.pop();
    if (typeof next !== 'object' || next === null) continue;
    if (Object.hasOwn(next, '__proto__')) return true;
    for (const member of Object.values(next)) left.push(member);
  }
  return false;
}
