import { createHash, timingSafeEqual } from 'node:crypto';
import { Inject, Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common';
import type { HttpRequest } from './http-request.js';
import { SIMULATOR_CONFIG, type SimulatorConfig } from '../config.js';
import { StripeError } from './stripe-error.js';

/** Lets in whoever shows the API key. https://docs.stripe.com/api/authentication */
@Injectable()
export class ApiKeyGuard implements CanActivate {
  private readonly expected: Buffer;

  constructor(@Inject(SIMULATOR_CONFIG) { API_KEY }: SimulatorConfig) {
    this.expected = digest(`Bearer ${API_KEY}`);
  }

  canActivate(context: ExecutionContext): boolean {
    const { authorization } = context.switchToHttp().getRequest<HttpRequest>().headers;
    if (timingSafeEqual(digest(authorization ?? ''), this.expected)) return true;
    throw new StripeError(
      401,
      {
        type: 'invalid_request_error',
        message: authorization
          ? 'Invalid API Key provided'
          : "You did not provide an API key: send 'Authorization: Bearer YOUR_SECRET_KEY'.",
      },
      { 'WWW-Authenticate': 'Bearer realm="Stripe"' },
    );
  }
}

const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
