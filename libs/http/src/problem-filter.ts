import { type ArgumentsHost, Catch, type ExceptionFilter, HttpException, Logger } from '@nestjs/common';
import { cardNumberIn } from './card-number.js';
import { databaseIsAway, databaseIsBusy } from './database-errors.js';
import { pathOf, type HttpRequest, type Reply } from './http-request.js';
import { problem, Problem } from './problem-details.js';

/** Answers with a problem whatever was thrown, and logs what is our fault. */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  private readonly logger = new Logger(ProblemFilter.name);

  catch(error: unknown, host: ArgumentsHost): void {
    const [request, reply] = host.getArgs<[HttpRequest, Reply]>();
    const found = problemOf(error);
    if (found.status >= 500) this.log(error, found, request);
    if (reply.sent || reply.raw.headersSent) {
      // Half an answer is out: closing the connection is the only way left to say that it failed.
      reply.raw.destroy();
      return;
    }
    sendProblem(found, request, reply);
  }

  private log(error: unknown, { slug }: Problem, request: HttpRequest): void {
    const where = `${request.method} ${shownPath(request)}`;
    if (slug === 'temporarily-unavailable') this.logger.warn(`${where}: ${error instanceof Error ? error.message : String(error)}`);
    else
      this.logger.error(
        `${where}: ${error instanceof Error ? error.message : String(error)}`,
        error instanceof Error ? error.stack : undefined,
      );
  }
}

/** Sends a problem as the answer. */
export function sendProblem(found: Problem, request: HttpRequest, reply: Reply): void {
  reply.code(found.status).header('content-type', 'application/problem+json');
  if (found.retryAfterSeconds !== undefined) reply.header('retry-after', String(found.retryAfterSeconds));
  // RFC 6750: whoever has shown a token is told that it is not good, and no more.
  if (found.slug === 'unauthenticated') {
    reply.header(
      'www-authenticate',
      `Bearer realm="orderly"${request.headers.authorization === undefined ? '' : ', error="invalid_token"'}`,
    );
  }
  reply.send(JSON.stringify(found.view(shownPath(request), request.traceId)));
}

/** What the client is told about an error. */
export function problemOf(error: unknown): Problem {
  if (error instanceof Problem) return error;
  if (databaseIsAway(error) || databaseIsBusy(error)) return problem('temporarily-unavailable', 'Try again in a moment.');
  if (error instanceof HttpException) return problemOfStatus(error.getStatus());
  return problem('internal-error', 'It is logged with the trace id. Nothing is wrong with the request.');
}

/** For what Nest and Fastify refuse by themselves. */
function problemOfStatus(status: number): Problem {
  switch (status) {
    case 403:
      return problem('forbidden', 'This route is not open to the caller.');
    case 404:
    case 405:
      return problem('route-not-found', 'No route has this method and path.');
    case 408:
      return problem('request-timeout', 'The request did not arrive in time.');
    case 413:
      return problem('body-too-large', 'The body is too large.');
    case 415:
      return problem('unsupported-media-type', 'Send the body as application/json in UTF-8.');
    case 431:
      return problem('headers-too-large', 'Send fewer or shorter headers.');
    default:
      return status < 500
        ? problem('malformed-request', 'The request cannot be understood.')
        : problem('internal-error', 'It is logged with the trace id. Nothing is wrong with the request.');
  }
}

/** The path for answers and logs, which never hold a card number. */
function shownPath(request: HttpRequest): string {
  const path = pathOf(request);
  return cardNumberIn(path) ? path.replaceAll(/\d/g, '*') : path;
}
