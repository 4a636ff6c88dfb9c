import { Injectable, type CanActivate } from '@nestjs/common';
import { StripeError } from '../wire/stripe-error.js';
import { Faults } from './faults.js';

/** Turns everybody away while the simulator is told to be down. */
@Injectable()
export class DownGuard implements CanActivate {
  constructor(private readonly faults: Faults) {}

  canActivate(): boolean {
    if (!this.faults.settings.down) return true;
    throw new StripeError(503, { type: 'api_error', message: 'The provider is down, as it was told to be.' });
  }
}
