import { Catch, HttpException, Logger, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common';
import type { Reply } from './http-request.js';
import { StripeError, unrecognizedUrl } from './stripe-error.js';

/** Answers every error in Stripe's shape. What nobody expected is a 500 that says no more than that. */
@Catch()
export class StripeErrorFilter implements ExceptionFilter {
  private readonly logger = new Logger(StripeErrorFilter.name);

  catch(thrown: unknown, host: ArgumentsHost): void {
    const reply: Reply = host.switchToHttp().getResponse();
    const { status, error, headers } = this.asStripeError(thrown);
    if (reply.sent) return;
    reply.code(status).headers(headers).send({ error });
  }

  private asStripeError(thrown: unknown): StripeError {
    if (thrown instanceof StripeError) return thrown;
    if (thrown instanceof HttpException && thrown.getStatus() === 404) return unrecognizedUrl();
    // Nest's and Fastify's own: a body that is too large, or of a type that nobody reads. Their texts may repeat what was sent.
    const status = thrown instanceof HttpException ? thrown.getStatus() : (thrown as { statusCode?: unknown }).statusCode;
    if (typeof status === 'number' && status >= 400 && status < 500) {
      return new StripeError(status, { type: 'invalid_request_error', message: 'The request cannot be read.' });
    }
    this.logger.error(thrown);
    return new StripeError(500, { type: 'api_error', message: 'Something went wrong on the side of the simulator.' });
  }
}
