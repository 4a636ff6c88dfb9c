import { describe, expect, it } from 'vitest';
import { parseForm } from './form.js';

describe('a form', () => {
  it('is read with its brackets', () => {
    expect(parseForm('amount=2598&metadata[attempt_id]=a%20b&automatic_payment_methods[enabled]=true')).toEqual({
      amount: '2598',
      metadata: { attempt_id: 'a b' },
      automatic_payment_methods: { enabled: 'true' },
    });
    expect(parseForm('')).toEqual({});
  });

  it('hides no parameter behind a name that objects have anyway', () => {
    expect(Object.keys(parseForm('constructor=1&toString=2&metadata[hasOwnProperty]=3') as object)).toEqual([
      'constructor',
      'toString',
      'metadata',
    ]);
    expect(({} as { polluted?: string }).polluted).toBeUndefined();
    parseForm('__proto__[polluted]=yes&metadata[__proto__][polluted]=yes');
    expect(({} as { polluted?: string }).polluted).toBeUndefined();
  });

  it.each([
    ['is nested too deep', `a${'[b]'.repeat(9)}=1`],
    ['has too many parameters', Array.from({ length: 201 }, (_, index) => `p${index}=1`).join('&')],
  ])('is refused when it %s', (_what, text) => expect(() => parseForm(text)).toThrow('cannot be read'));
});
