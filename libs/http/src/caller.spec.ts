import { describe, expect, it } from 'vitest';
import { type Access, callerFor, scopeOf, seesCustomer } from './caller.js';

const identity = (...roles: string[]) => ({ subject: 'ada', roles: new Set(roles) });
const ada = { kind: 'customer', id: 'ada' };
const operator = { kind: 'operator', name: 'ada' };

describe('a caller', () => {
  it.each<[Access, string[], object | string]>([
    ['customers', ['customer'], ada],
    ['customers', ['operator'], 'forbidden'],
    ['customers', ['customer', 'operator'], ada],
    ['operators', ['operator'], operator],
    ['operators', ['customer'], 'forbidden'],
    ['operators', ['customer', 'operator'], operator],
    ['callers', ['customer'], ada],
    ['callers', ['operator'], operator],
    ['callers', ['customer', 'operator'], operator],
    ['callers', ['owner'], 'forbidden'],
    ['callers', [], 'forbidden'],
  ])('at a route for %s, with the roles %j, is %j', (access, roles, expected) => {
    expect(outcome(access, identity(...roles))).toEqual(expected);
  });

  it.each(['customers', 'operators', 'callers'] as const)('has to be known at a route for %s', (access) => {
    expect(outcome(access, undefined)).toBe('unauthenticated');
  });

  it('is nobody where nobody is asked', () => expect(callerFor('everybody', identity('operator'))).toBeUndefined());

  it('has a scope that no other caller has', () => {
    expect(scopeOf({ kind: 'customer', id: 'ada' })).not.toBe(scopeOf({ kind: 'operator', name: 'ada' }));
  });

  it('sees their own only, unless they are an operator', () => {
    expect(seesCustomer({ kind: 'customer', id: 'ada' }, 'ada')).toBe(true);
    expect(seesCustomer({ kind: 'customer', id: 'ada' }, 'grace')).toBe(false);
    expect(seesCustomer({ kind: 'operator', name: 'linus' }, 'grace')).toBe(true);
  });
});

function outcome(...asked: Parameters<typeof callerFor>): unknown {
  try {
    return callerFor(...asked);
  } catch (error) {
    return (error as { slug?: string }).slug;
  }
}
