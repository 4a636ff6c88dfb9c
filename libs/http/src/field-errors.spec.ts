import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { fieldErrors, unstorableText } from './field-errors.js';

const Body = z.strictObject({
  items: z.array(z.strictObject({ sku: z.string().min(1), quantity: z.int().min(1).max(100) })).max(3),
  email: z.email(),
  kind: z.enum(['a', 'b']).optional(),
});

function errorsOf(input: unknown): Record<string, string> {
  const { error } = Body.safeParse(input);
  return Object.fromEntries(fieldErrors(error?.issues ?? [], input).map(({ pointer, code }) => [pointer, code]));
}

describe('the errors of a body', () => {
  it('are listed all at once, each with its pointer and code', () => {
    const items = [{ sku: '', quantity: 0 }, { quantity: 1.5 }, { sku: 7, quantity: 101, 'a/b~ c': 1 }];
    expect(errorsOf({ items, email: 'nobody', kind: 'c', ключ: 1, '\ud800': 2 })).toEqual({
      '#/items/0/sku': 'too-small',
      '#/items/0/quantity': 'too-small',
      '#/items/1/sku': 'required',
      '#/items/1/quantity': 'not-an-integer',
      '#/items/2/sku': 'wrong-type',
      '#/items/2/quantity': 'too-big',
      '#/items/2/a~1b~0%20c': 'unknown-member',
      '#/email': 'invalid-format',
      '#/kind': 'invalid-value',
      '#/%D0%BA%D0%BB%D1%8E%D1%87': 'unknown-member',
      '#/%EF%BF%BD': 'unknown-member',
    });
  });

  it('do not go into the items of a list that is too long', () => {
    expect(errorsOf({ items: [{}, {}, {}, {}], email: 'a@example.com' })).toEqual({ '#/items': 'too-big' });
  });

  it.each([null, [], 'text', 7])('name the whole body when it is %j', (input) => expect(errorsOf(input)).toEqual({ '#': 'wrong-type' }));

  it.each([1e20, -1e20, 1e308])('name a quantity of %d', (quantity) => {
    expect(errorsOf({ items: [{ sku: 'a', quantity }], email: 'a@example.com' })).toEqual({
      '#/items/0/quantity': expect.stringMatching(/^too-/),
    });
  });

  it('repeat nothing of what was sent', () => {
    const sent = 'sent-by-a-client';
    const input = { items: [{ sku: { [sent]: sent }, quantity: sent }], email: sent, kind: sent, [sent]: sent };
    const messages = fieldErrors(Body.safeParse(input).error?.issues ?? [], input).map(({ message }) => message);
    expect(messages).toHaveLength(5);
    expect(messages.join()).not.toContain(sent);
  });

  it('take the code of a rule of our own from its parameters', () => {
    const Rule = z
      .string()
      .superRefine((_, context) => context.addIssue({ code: 'custom', message: 'No.', params: { code: 'unknown-sku' } }));
    expect(fieldErrors(Rule.safeParse('x').error?.issues ?? [], 'x')).toEqual([{ pointer: '#', code: 'unknown-sku', message: 'No.' }]);
  });
});

describe('text', () => {
  it.each(['a\0b', '\ud800', '\udfff!'])('that no column takes is refused: %j', (sku) => {
    expect(unstorableText({ items: [{ sku }] })).toEqual([
      { pointer: '#/items/0/sku', code: 'invalid-character', message: expect.any(String) },
    ]);
  });

  it('of any other kind is taken', () => expect(unstorableText({ a: ['Grüße 👋', 1, null] })).toEqual([]));
});
