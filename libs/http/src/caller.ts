import type { IncomingHttpHeaders } from 'node:http';
import { applyDecorators, createParamDecorator, SetMetadata, type ExecutionContext } from '@nestjs/common';
import { ApiSecurity } from '@nestjs/swagger';
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
export const ForCustomers = () => applyDecorators(SetMetadata<string, Access>(ACCESS, 'customers'), ApiSecurity('customer'));

/** The route is for an operator. */
export const ForOperators = () => applyDecorators(SetMetadata<string, Access>(ACCESS, 'operators'), ApiSecurity('operator'));

/** The route is for a customer, about what is theirs, and for an operator, about what is anybody's. */
export const ForCallers = () =>
  applyDecorators(SetMetadata<string, Access>(ACCESS, 'callers'), ApiSecurity('customer'), ApiSecurity('operator'));

/** Hands a handler its {@link Caller}; undefined on a {@link Public} route. */
export const CallerParam = createParamDecorator(
  (_data: unknown, context: ExecutionContext) => context.switchToHttp().getRequest<{ caller?: Caller }>().caller,
);

const name = /^[A-Za-z0-9_-]{1,64}$/;

/** Who is calling, by the headers that stand in for tokens. Throws `unauthenticated`, in the same words whatever is missing or bad. */
export function identify(access: Access | undefined, headers: IncomingHttpHeaders): Caller | undefined {
  if (access === undefined) throw problem('forbidden', 'This route is open to nobody.');
  const customer = headers['x-customer-id'];
  const operator = headers['x-operator'];
  const meant = access === 'callers' ? (operator === undefined ? 'customers' : 'operators') : access;
  if (meant === 'everybody') return undefined;
  if (meant === 'customers' && typeof customer === 'string' && name.test(customer)) return { kind: 'customer', id: customer };
  if (meant === 'operators' && typeof operator === 'string' && name.test(operator)) return { kind: 'operator', name: operator };
  throw problem('unauthenticated', 'Say who is calling, in the headers that this route asks for.');
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
