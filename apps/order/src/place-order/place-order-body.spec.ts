import { describe, expect, it } from 'vitest';
import { PlaceOrderBody, skuOf } from './place-order-body.js';

const body = { items: [{ sku: 'MUG-STONEWARE', quantity: 2 }], email: 'alice@example.com' };
const line = (sku: unknown, quantity: unknown = 1) => ({ sku, quantity });

/** The path and code of every issue, sorted. */
function faultsOf(value: unknown): string[] {
  const { error } = PlaceOrderBody.safeParse(value);
  return (error?.issues ?? [])
    .map((issue) => `${issue.path.join('.')} ${issue.code === 'custom' ? issue.params?.['code'] : issue.code}`)
    .toSorted();
}

describe('the body of POST /orders', () => {
  it.each([
    ['the least', body],
    ['a payment method and a window', { ...body, paymentMethod: 'pm_card_visa', paymentWindowSeconds: 5 }],
    ['the longest window', { ...body, paymentWindowSeconds: 604_800 }],
    ['fifty lines of a hundred', { ...body, items: Array.from({ length: 50 }, (_, n) => line(`SKU-${n}`, 100)) }],
  ])('takes %s', (_what, value) => {
    expect(faultsOf(value)).toEqual([]);
  });

  it.each([
    ['no lines', { ...body, items: [] }, ['items too_small']],
    ['fifty-one lines', { ...body, items: Array.from({ length: 51 }, (_, n) => line(`SKU-${n}`)) }, ['items too_big']],
    ['quantity 0', { ...body, items: [line('A', 0)] }, ['items.0.quantity too_small']],
    ['a negative quantity', { ...body, items: [line('A', -1)] }, ['items.0.quantity too_small']],
    ['quantity 101', { ...body, items: [line('A', 101)] }, ['items.0.quantity too_big']],
    ['half a piece', { ...body, items: [line('A', 0.5)] }, ['items.0.quantity invalid_type']],
    ['a quantity in words', { ...body, items: [line('A', '1')] }, ['items.0.quantity invalid_type']],
    ['an empty sku', { ...body, items: [line('')] }, ['items.0.sku too_small']],
    ['a NUL in a sku', { ...body, items: [line('A\0')] }, ['items.0.sku invalid_format']],
    ['a price of its own', { ...body, items: [{ ...line('A'), price: 1 }] }, ['items.0 unrecognized_keys']],
    ['another member', { ...body, total: 1 }, [' unrecognized_keys']],
    ['no e-mail', { items: body.items }, ['email invalid_type']],
    ['an e-mail of 255 characters', { ...body, email: `${'a'.repeat(60)}@${'b'.repeat(191)}.de` }, ['email too_big']],
    ['a card number for a method', { ...body, paymentMethod: '4242424242424242' }, ['paymentMethod invalid_format']],
    ['a window of 4 seconds', { ...body, paymentWindowSeconds: 4 }, ['paymentWindowSeconds too_small']],
    ['a window of more than a week', { ...body, paymentWindowSeconds: 604_801 }, ['paymentWindowSeconds too_big']],
  ])('refuses %s', (_what, value, faults) => {
    expect(faultsOf(value)).toEqual(faults);
  });

  it('names every line that repeats a sku, beside whatever else is wrong', () => {
    expect(faultsOf({ items: [line('A'), line('A', 'two'), 3, line('B'), line('A'), line('B', 0)] })).toEqual([
      'email invalid_type',
      'items.1.quantity invalid_type',
      'items.1.sku duplicate-sku',
      'items.2 invalid_type',
      'items.4.sku duplicate-sku',
      'items.5.quantity too_small',
      'items.5.sku duplicate-sku',
    ]);
  });

  it('finds a sku where a line is wrong otherwise, and none where it could be no product', () => {
    expect([{ sku: 'A', quantity: 0 }, { sku: 'A\0' }, { sku: 7 }, null, 'A'].map(skuOf)).toEqual([
      'A',
      undefined,
      undefined,
      undefined,
      undefined,
    ]);
  });
});
