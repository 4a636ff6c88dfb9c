import { setTimeout as sleep } from 'node:timers/promises';
import { Unreachable } from './unreachable.js';

const timeoutMs = 30_000;

/** A service's HTTP API, as an operator sees it. */
export class HttpApi {
  constructor(
    private readonly what: string,
    private readonly baseUrl: string,
    private readonly token: string,
  ) {}

  /**
   * @returns the status, and the body where it is JSON
   * @throws Unreachable when there is no answer
   */
  async get(path: string): Promise<{ status: number; body: unknown }> {
    try {
      const response = await this.ask(path);
      const text = await response.text();
      return { status: response.status, body: asJson(text) };
    } catch (error) {
      throw new Unreachable(this.what, error);
    }
  }

  /** As often as one may: a check asks for hundreds of things. */
  private async ask(path: string): Promise<Response> {
    for (;;) {
      const response = await fetch(this.baseUrl + path, {
        headers: { authorization: `Bearer ${this.token}` },
        signal: AbortSignal.timeout(timeoutMs),
      });
      if (response.status !== 429) return response;
      await response.body?.cancel();
      await sleep(Number(response.headers.get('retry-after') ?? 1) * 1000);
    }
  }
}

function asJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
