import { applyDecorators, createParamDecorator, SetMetadata, type ExecutionContext } from '@nestjs/common';
import { ApiSecurity } from '@nestjs/swagger';
import { unauthenticated, type Identity } from './callers.js';
import { problem } from './problem-details.js';

export interface Customer {
  readonly kind: 'customer';
  readonly id: string;
}

export interface Operator {
  readonly kind: 'operator';
  readonly name: string;
}

/** Who a request comes from. */
export type Caller = Customer | Operator;

/** Who may use a route. */
export type Access = 'everybody' | 'customers' | 'operators' | 'callers';

/** Where a route's {@link Access} stands. A route without one is refused to everybody. */
export const ACCESS = 'orderly:access';

/** The route needs no caller. */
export const Public = () => SetMetadata<string, Access>(ACCESS, 'everybody');

/** The route is for a customer, about what is theirs. */
export const ForCustomers = () => applyDecorators(SetMetadata<string, Access>(ACCESS, 'customers'), ApiSecurity('token', ['customer']));

/** The route is for an operator. */
export const ForOperators = () => applyDecorators(SetMetadata<string, Access>(ACCESS, 'operators'), ApiSecurity('token', ['operator']));

/** The route is for a customer, about what is theirs, and for an operator, about what is anybody's. */
export const ForCallers = () =>
  applyDecorators(SetMetadata<string, Access>(ACCESS, 'callers'), ApiSecurity('token', ['customer']), ApiSecurity('token', ['operator']));

/** Hands a handler its {@link Caller}; undefined on a {@link Public} route. */
export const CallerParam = createParamDecorator(
  (_data: unknown, context: ExecutionContext) => context.switchToHttp().getRequest<{ caller?: Caller }>().caller,
);

/** As whom somebody may use a route. Throws `unauthenticated` when nobody is known, and `forbidden` when it is somebody else's. */
export function callerFor(access: Access, identity: Identity | undefined): Caller | undefined {
  if (access === 'everybody') return undefined;
  if (!identity) throw unauthenticated();
  const { subject, roles } = identity;
  if (access !== 'customers' && roles.has('operator')) return { kind: 'operator', name: subject };
  if (access !== 'operators' && roles.has('customer')) return { kind: 'customer', id: subject };
  throw problem('forbidden', 'The token has no role that may use this route.');
}

/** A word for the caller that no other caller has: what keys and cursors are bound to. */
export function scopeOf(caller: Caller | undefined): string {
  if (!caller) return 'everybody';
  return caller.kind === 'customer' ? `customer:${caller.id}` : `operator:${caller.name}`;
}

/** Whether the caller may know of what belongs to this customer. */
export function seesCustomer(caller: Caller, customerId: string): boolean {
  return caller.kind === 'operator' || caller.id === customerId;
}
