import { DocumentedAnswers, type GivenAnswer, type OpenApiDocument } from './documented-answers.js';

/** By the document's text: many services of a run have the same, and compiling it takes longer than asking for it. */
const compiled = new Map<string, DocumentedAnswers>();
/** By origin. Undefined is what has no document. */
const judges = new Map<string, Promise<DocumentedAnswers | undefined>>();
const underWay: Promise<void>[] = [];
const faults = new Set<string>();

/** Stand beside the API, and are no part of its document. */
const besideTheApi = /^\/(health\/|metrics$|docs)/;
const ownFetch = globalThis.fetch;

/** Notes what the OpenAPI document of whoever gave an answer doesn't have of it; {@link failOnFaults} tells. */
export function judge(origin: string, answer: GivenAnswer): void {
  if (!besideTheApi.test(answer.path)) underWay.push(findFault(origin, answer));
}

async function findFault(origin: string, answer: GivenAnswer): Promise<void> {
  const known = judges.get(origin) ?? judgeAt(origin);
  judges.set(origin, known);
  const fault = (await known)?.faultOf(answer);
  if (fault) faults.add(fault);
}

async function judgeAt(origin: string): Promise<DocumentedAnswers | undefined> {
  try {
    const response = await ownFetch(`${origin}/docs-json`, { signal: AbortSignal.timeout(5000) });
    const text = await response.text();
    if (!response.ok) return undefined;
    const documented = compiled.get(text) ?? new DocumentedAnswers(JSON.parse(text) as OpenApiDocument);
    compiled.set(text, documented);
    return documented;
  } catch {
    // It is away, which is what many a test is about. Its next answer asks again.
    judges.delete(origin);
    return undefined;
  }
}

/** `fetch` for specs: each answer of a service of ours is judged, behind the back of whoever asked. */
export async function judgedFetch(...[input, init]: Parameters<typeof fetch>): Promise<Response> {
  const response = await ownFetch(input, init);
  const { headers, status } = response;
  // Every answer of ours has helmet's headers, and nobody else who is asked by specs does.
  if (headers.get('x-dns-prefetch-control') !== 'off') return response;
  const { origin, pathname: path } = new URL(response.url);
  const mediaType = headers.get('content-type');
  const method = (init?.method ?? (input instanceof Request ? input.method : 'GET')).toUpperCase();
  const answer = { method, path, status, mediaType, body: undefined };
  if (method === 'HEAD' || mediaType?.startsWith('text/event-stream')) judge(origin, answer);
  else underWay.push(judgeWhenRead(response.clone(), origin, answer));
  return response;
}

async function judgeWhenRead(copy: Response, origin: string, answer: GivenAnswer): Promise<void> {
  // What breaks off is no answer.
  const body = await copy.text().catch(() => undefined);
  if (body !== undefined) judge(origin, { ...answer, body });
}

/** Throws when an answer since the last time was not as documented. */
export async function failOnFaults(): Promise<void> {
  while (underWay.length > 0) await Promise.all(underWay.splice(0));
  const found = [...faults].slice(0, 10);
  faults.clear();
  if (found.length > 0) throw new Error(`What was answered is not in the OpenAPI document:\n  ${found.join('\n  ')}`);
}

/** Ports are given out again: the next file has other services on them. */
export function forgetOrigins(): void {
  judges.clear();
}
