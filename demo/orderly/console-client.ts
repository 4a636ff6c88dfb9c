import { userInfo } from 'node:os';

/** The console can't be reached, or can't answer now. */
export class Unavailable extends Error {
  override readonly name = 'Unavailable';
}

/** What was asked for is not there. */
export class NotFound extends Error {
  override readonly name = 'NotFound';
}

/** The console won't do it. */
export class Refused extends Error {
  override readonly name = 'Refused';
}

interface Problem {
  readonly title?: string;
  readonly detail?: string;
  readonly errors?: readonly { readonly pointer: string; readonly message: string }[];
}

/** Asks the console over HTTP, in somebody's name. */
export class ConsoleClient {
  constructor(
    private readonly baseUrl: string,
    private readonly token: string,
  ) {}

  /** @throws Unavailable, NotFound or Refused */
  get<Body>(path: string, query: Readonly<Record<string, string | undefined>> = {}): Promise<Body> {
    const given = Object.entries(query).filter((entry): entry is [string, string] => entry[1] !== undefined);
    const text = new URLSearchParams(given).toString();
    return this.call(`${path}${text && `?${text}`}`, {});
  }

  /** @throws Unavailable, NotFound or Refused */
  post<Body>(path: string, body: object): Promise<Body> {
    return this.call(path, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) });
  }

  private async call<Body>(path: string, request: RequestInit): Promise<Body> {
    let response: Response;
    try {
      const headers = { ...(request.headers as object), authorization: `Bearer ${this.token}` };
      response = await fetch(this.baseUrl + path, { ...request, headers, signal: AbortSignal.timeout(30_000) });
    } catch (error) {
      const { cause, message } = error as Error & { cause?: Error & { code?: string } };
      throw new Unavailable(`The console cannot be reached at ${this.baseUrl}: ${cause?.message || cause?.code || message}`);
    }
    const answer: unknown = await response.json().catch(() => undefined);
    if (response.ok && answer !== undefined) return answer as Body;
    const words = wordsOf(answer ?? {}) || `It answered ${response.status}.`;
    if (response.status === 404) throw new NotFound(words);
    if (response.status >= 500 || answer === undefined) throw new Unavailable(words);
    throw new Refused(words);
  }
}

function wordsOf(answer: object): string {
  const { title, detail, errors = [] } = answer as Problem;
  const about = title && `${title}.`;
  const lines = [about, errors.length === 0 && detail !== about && detail].filter(Boolean);
  return [lines.join(' '), ...errors.map(({ pointer, message }) => `  ${pointer}  ${message}`)].filter(Boolean).join('\n');
}

/** The login of whoever runs this, as the console takes names. */
export function loginName(): string {
  try {
    return (
      userInfo()
        .username.replaceAll(/[^A-Za-z0-9_-]/g, '-')
        .slice(0, 64) || 'operator'
    );
  } catch {
    // A container may run as somebody without a name.
    return 'operator';
  }
}
