import { describe, expect, it } from 'vitest';
import { CreateParameters, metadataSought } from '../take-payments/payment-intents.parameters.js';
import { parseForm } from './form.js';
import { readParameters } from './parameters.js';
import { StripeError } from './stripe-error.js';

function refused(form: string): StripeError['error'] {
  try {
    readParameters(CreateParameters, parseForm(form));
  } catch (error) {
    if (error instanceof StripeError) return error.error;
    throw error;
  }
  throw new Error('it was taken');
}

describe('the parameters of a payment intent', () => {
  it('are read into our types', () => {
    expect(readParameters(CreateParameters, parseForm('amount=2598&currency=EUR&confirm=true&metadata[order_id]=7'))).toEqual({
      amount: 2598,
      currency: 'eur',
      confirm: true,
      metadata: { order_id: '7' },
    });
  });

  it.each([
    ['amount=1&currency=eur&surprise=1', 'parameter_unknown', 'surprise'],
    ['amount=1&currency=eur&payment_method_data[card][number]=4242424242424242', 'parameter_unknown', 'payment_method_data'],
    [
      'amount=1&currency=eur&automatic_payment_methods[enabled]=true&automatic_payment_methods[x]=1',
      'parameter_unknown',
      'automatic_payment_methods[x]',
    ],
    ['amount=1&currency=eur&4242424242424242=1', 'parameter_unknown', '(unreadable)'],
    ['currency=eur', 'parameter_missing', 'amount'],
    ['amount=0&currency=eur', 'parameter_invalid', 'amount'],
    ['amount=12.5&currency=eur', 'parameter_invalid', 'amount'],
    ['amount=1&currency=euro', 'parameter_invalid', 'currency'],
    ['amount=1&currency=eur&payment_method=visa', 'parameter_invalid', 'payment_method'],
    ['amount=1&currency=eur&metadata=flat', 'parameter_invalid', 'metadata'],
  ])('are refused by name: %s', (form, code, param) => {
    expect(refused(form)).toMatchObject({ type: 'invalid_request_error', code, param });
  });

  it.each([
    'amount=1&currency=eur&metadata[note]=4242424242424242',
    'amount=1&currency=eur&metadata[note]=4242%204242%204242%204242',
    'amount=1&currency=eur&payment_method=pm_4242424242424242',
    'amount=1&currency=eur&payment_method_data[card][number]=4242424242424242',
  ])('never repeat the number of a card: %s', (form) => {
    expect(JSON.stringify(refused(form))).not.toMatch(/4242/);
  });
});

describe('the search', () => {
  it.each([`metadata['attempt_id']:'a-1'`, `metadata["attempt_id"]:"a-1"`])('understands %s', (query) => {
    expect(metadataSought(query)).toEqual({ attempt_id: 'a-1' });
  });

  it.each([`status:'succeeded'`, `metadata['a']:'b' OR metadata['a']:'c'`, `metadata['a']:'b'' --`, ''])('refuses %s', (query) => {
    expect(() => metadataSought(query)).toThrow('one clause');
  });
});
