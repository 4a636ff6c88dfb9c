import { randomUUID } from 'node:crypto';
import { request, type IncomingHttpHeaders } from 'node:http';
import { text } from 'node:stream/consumers';
import { judge } from '../setup/answer-judge.js';

/** A request as it stands in a file for HTTP clients, with what its comments expect of the answer. */
export interface WrittenRequest {
  readonly title: string;
  /** What later requests call it. */
  readonly name: string | undefined;
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | undefined;
  readonly expected: {
    readonly status: number;
    /** The member `status` of what was asked for, or the last part of a problem's type. */
    readonly word: string | undefined;
    /** It may take a moment to come true. */
    readonly soon: boolean;
    readonly headers: Readonly<Record<string, string>>;
  };
}

export interface HttpFile {
  /** What `@name = value` lines say. */
  readonly variables: Readonly<Record<string, string>>;
  readonly requests: readonly WrittenRequest[];
}

/** @throws when a request expects nothing */
export function parseHttpFile(source: string): HttpFile {
  const [head = '', ...sections] = source.split(/^###/m);
  const variables = Object.fromEntries([...head.matchAll(/^@(\w+) = (.+)$/gm)].map(([, name, value]) => [name, value]));
  return { variables, requests: sections.map(parseRequest) };
}

function parseRequest(section: string): WrittenRequest {
  const [title = '', ...lines] = section.split('\n');
  const comments = lines.filter((line) => line.startsWith('# ')).join('\n');
  const [requestLine = '', ...rest] = lines.filter((line) => !line.startsWith('# '));
  const [method = '', url = ''] = requestLine.split(' ');
  const end = rest.indexOf('');
  const body = rest
    .slice(end + 1)
    .join('\n')
    .trim();
  const [, soon, status, word] = /^# expect (soon )?(\d{3})(?: ([\w-]+))?$/m.exec(comments) ?? [];
  if (!status) throw new Error(`${requestLine} expects no status`);
  return {
    title: title.trim() || requestLine,
    name: /^# @name (\w+)$/m.exec(comments)?.[1],
    method,
    url,
    headers: headersIn(rest.slice(0, end).join('\n'), /^([\w-]+): (.+)$/gm),
    body: body === '' ? undefined : body,
    expected: { status: Number(status), word, soon: soon !== undefined, headers: headersIn(comments, /^# header ([\w-]+): (.+)$/gm) },
  };
}

const headersIn = (lines: string, pattern: RegExp): Record<string, string> =>
  Object.fromEntries([...lines.matchAll(pattern)].map(([, name = '', value = '']) => [name.toLowerCase(), value]));

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  /** Parsed when it is JSON; undefined of a stream that stays open. */
  readonly body: unknown;
}

interface Exchange {
  readonly request: { readonly headers: Readonly<Record<string, string>> };
  readonly response: { readonly headers: IncomingHttpHeaders; readonly body: unknown };
}

/** Sends written requests as an editor does: what is in double braces is looked up among the variables and earlier exchanges. */
export class HttpClient {
  private readonly exchanges = new Map<string, Exchange>();

  constructor(private readonly variables: Readonly<Record<string, string>>) {}

  async send(written: WrittenRequest): Promise<Answer> {
    const headers = Object.fromEntries(Object.entries(written.headers).map(([name, value]) => [name, this.filledIn(value)]));
    const answer = await exchange(written.method, this.filledIn(written.url), headers, written.body && this.filledIn(written.body));
    if (written.name) this.exchanges.set(written.name, { request: { headers }, response: answer });
    return answer;
  }

  private filledIn(template: string): string {
    return template.replaceAll(/\{\{(.+?)\}\}/g, (_, expression: string) => {
      const value = expression === '$guid' ? randomUUID() : (this.variables[expression] ?? this.fromEarlier(expression));
      if (typeof value !== 'string') throw new Error(`{{${expression}}} has no value`);
      return value;
    });
  }

  /** `placeOrder.response.body.$.id` or `placeOrder.request.headers.Idempotency-Key` */
  private fromEarlier(expression: string): unknown {
    const [name = '', side, part, ...path] = expression.split('.');
    const earlier = this.exchanges.get(name);
    if (!earlier) return undefined;
    if (part === 'headers') return earlier[side as keyof Exchange].headers[path.join('.').toLowerCase()];
    return path
      .filter((member) => member !== '$')
      .reduce<unknown>((value, member) => (value as Record<string, unknown>)[member], earlier.response.body);
  }
}

/** Not by fetch: its pool opens a new connection for each one that is broken off, and the server waits for them when it stops. */
function exchange(method: string, url: string, headers: Record<string, string>, body: string | undefined): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const sent = request(url, { method, headers, agent: false }, (response) => {
      const { headers: given, statusCode: status = 0 } = response;
      const type = given['content-type'] ?? '';
      const { origin, pathname: path } = new URL(url);
      const answer = (said?: string) => {
        judge(origin, { method, path, status, mediaType: given['content-type'] ?? null, body: said });
        resolve({ status, headers: given, body: said !== undefined && /\bjson\b/.test(type) ? JSON.parse(said) : said });
      };
      if (type.startsWith('text/event-stream')) {
        answer();
        sent.destroy();
        return;
      }
      text(response).then(answer, reject);
    });
    sent.on('error', reject).end(body);
  });
}
