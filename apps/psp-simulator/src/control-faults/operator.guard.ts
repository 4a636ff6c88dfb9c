import { Inject, Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common';
import { Callers, Problem } from '#libs/http';
import { SIMULATOR_CONFIG, type SimulatorConfig } from '../config.js';
import type { HttpRequest } from '../wire/http-request.js';
import { StripeError } from '../wire/stripe-error.js';

/** Lets in an operator of ours: how the provider misbehaves is no business of whoever has its API key. */
@Injectable()
export class OperatorGuard implements CanActivate {
  private readonly callers: Callers;

  constructor(@Inject(SIMULATOR_CONFIG) config: SimulatorConfig) {
    this.callers = new Callers(config);
  }

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const { authorization } = context.switchToHttp().getRequest<HttpRequest>().headers;
    const identity = await Promise.resolve(this.callers.identify(authorization)).catch((error: unknown) => {
      throw error instanceof Problem ? refused(error.status) : error;
    });
    if (!identity) throw refused(401);
    if (!identity.roles.has('operator')) throw refused(403);
    return true;
  }
}

function refused(status: number): StripeError {
  return new StripeError(
    status,
    { type: 'invalid_request_error', message: 'This takes the token of an operator.' },
    status === 401 ? { 'WWW-Authenticate': 'Bearer realm="orderly"' } : {},
  );
}
