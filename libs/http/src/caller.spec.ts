import { describe, expect, it } from 'vitest';
import { type Access, identify, scopeOf, seesCustomer } from './caller.js';

describe('a caller', () => {
  it('is a customer by X-Customer-Id', () => {
    expect(identify('customers', { 'x-customer-id': 'ada_1-2' })).toEqual({ kind: 'customer', id: 'ada_1-2' });
    expect(identify('callers', { 'x-customer-id': 'ada' })).toEqual({ kind: 'customer', id: 'ada' });
  });

  it('is an operator by X-Operator, where one may be meant', () => {
    expect(identify('operators', { 'x-operator': 'grace' })).toEqual({ kind: 'operator', name: 'grace' });
    expect(identify('callers', { 'x-operator': 'grace', 'x-customer-id': 'ada' })).toEqual({ kind: 'operator', name: 'grace' });
    expect(identify('customers', { 'x-operator': 'grace', 'x-customer-id': 'ada' })).toEqual({ kind: 'customer', id: 'ada' });
  });

  it('is nobody where nobody is asked', () => expect(identify('everybody', {})).toBeUndefined());

  it('is refused in the same words whatever is wrong', () => {
    const headers = [{}, { 'x-customer-id': '' }, { 'x-customer-id': 'a b' }, { 'x-customer-id': 'a'.repeat(65) }, { 'x-operator': 'ü' }];
    const details = (['customers', 'operators', 'callers'] as Access[]).flatMap((access) =>
      headers.map((each) => {
        try {
          return identify(access, each);
        } catch (error) {
          return (error as Error).message;
        }
      }),
    );
    expect(new Set(details).size).toBe(1);
  });

  it('has a scope that no other caller has', () => {
    expect(scopeOf({ kind: 'customer', id: 'ada' })).not.toBe(scopeOf({ kind: 'operator', name: 'ada' }));
  });

  it('sees their own only, unless they are an operator', () => {
    expect(seesCustomer({ kind: 'customer', id: 'ada' }, 'ada')).toBe(true);
    expect(seesCustomer({ kind: 'customer', id: 'ada' }, 'grace')).toBe(false);
    expect(seesCustomer({ kind: 'operator', name: 'linus' }, 'grace')).toBe(true);
  });
});
