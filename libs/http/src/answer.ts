import { type CallHandler, type ExecutionContext, Injectable, type NestInterceptor } from '@nestjs/common';
import { map, type Observable } from 'rxjs';
import { Page } from './cursor-page.js';
import type { HttpRequest, Reply } from './http-request.js';

/** An answer that is serialised once, so that a replay of it is the same to the byte. */
export class Answer {
  constructor(
    readonly status: number,
    /** JSON, or nothing. */
    readonly body: string,
    readonly headers: Readonly<Record<string, string>>,
    /** Whether it was given before, to an earlier request with the same Idempotency-Key. */
    readonly replayed: boolean,
  ) {}
}

/** A new answer. A handler that returns it decides the status, whatever Nest would have chosen. */
export function answer(status: number, body: object, headers: Readonly<Record<string, string>> = {}): Answer {
  return new Answer(status, JSON.stringify(body), headers, false);
}

/** Turns an {@link Answer} into the reply, and tells where the next {@link Page} is. */
@Injectable()
export class AnswerInterceptor implements NestInterceptor {
  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    const http = context.switchToHttp();
    return next.handle().pipe(
      map((result: unknown) => {
        if (result instanceof Answer) return this.send(result, http.getResponse<Reply>());
        if (result instanceof Page && result.next !== null) {
          http.getResponse<Reply>().header('link', `<${nextPage(http.getRequest<HttpRequest>().url, result.next)}>; rel="next"`);
        }
        return result;
      }),
    );
  }

  private send(given: Answer, reply: Reply): string | undefined {
    reply.code(given.status);
    if (given.body !== '') reply.header('content-type', 'application/json; charset=utf-8');
    for (const [name, value] of Object.entries(given.headers)) reply.header(name, value);
    if (given.replayed) reply.header('idempotency-replayed', 'true');
    return given.body === '' ? undefined : given.body;
  }
}

function nextPage(url: string, cursor: string): string {
  const [path, query] = url.split('?', 2);
  const parameters = new URLSearchParams(query);
  parameters.set('after', cursor);
  return `${path}?${parameters.toString()}`;
}
