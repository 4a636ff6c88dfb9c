import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { CursorPages, PageQuery, type Listing } from './cursor-page.js';

const pages = new CursorPages('a secret of sixteen');
const listing: Listing = { route: 'GET /orders', caller: 'customer:ada', filter: { status: 'paid' } };
const position = fc.record({ at: fc.date({ min: new Date(0), max: new Date('2100-01-01'), noInvalidDate: true }), id: fc.uuid() });

describe('a cursor', () => {
  it('leads back to the position it was made for, to the millisecond', () => {
    fc.assert(
      fc.property(position, (there) => {
        expect(pages.decode(pages.encode(there, listing), listing)).toEqual(there);
      }),
    );
  });

  it('is refused when any character of it is another, is missing or is added', () => {
    const alphabet = fc.stringMatching(/^[A-Za-z0-9_+/= \n-]$/);
    fc.assert(
      fc.property(position, fc.nat(), fc.constantFrom(0, 1), fc.option(alphabet, { nil: '' }), (there, index, removed, added) => {
        const cursor = pages.encode(there, listing);
        const at = index % (cursor.length + 1);
        const tampered = cursor.slice(0, at) + added + cursor.slice(at + removed);
        fc.pre(tampered !== cursor);
        expect(() => pages.decode(tampered, listing)).toThrow(expect.objectContaining({ slug: 'invalid-cursor' }));
      }),
      { numRuns: 2000 },
    );
  });

  it.each<[string, Listing]>([
    ['another route', { ...listing, route: 'GET /notifications' }],
    ['another caller', { ...listing, caller: 'customer:grace' }],
    ['another filter', { ...listing, filter: { status: 'expired' } }],
    ['no filter', { ...listing, filter: {} }],
  ])('is refused with %s', (_what, other) => {
    const cursor = pages.encode({ at: new Date(), id: 'x' }, listing);
    expect(() => pages.decode(cursor, other)).toThrow(expect.objectContaining({ slug: 'invalid-cursor' }));
  });

  it('does not care how the filter is written down', () => {
    const cursor = pages.encode({ at: new Date(1), id: 'x' }, { ...listing, filter: { a: '1', b: undefined, c: '2' } });
    expect(pages.decode(cursor, { ...listing, filter: { c: '2', a: '1' } }).id).toBe('x');
  });

  it('is refused by who has another secret', () => {
    const cursor = new CursorPages('another secret').encode({ at: new Date(), id: 'x' }, listing);
    expect(() => pages.decode(cursor, listing)).toThrow(expect.objectContaining({ slug: 'invalid-cursor' }));
  });

  it.each(['', 'x', 'null', '%00', 'a'.repeat(10_000)])('is refused when it is nothing of ours: %j', (cursor) => {
    expect(() => pages.decode(cursor, listing)).toThrow(expect.objectContaining({ slug: 'invalid-cursor' }));
  });
});

describe('a page', () => {
  const rows = Array.from({ length: 3 }, (_, index) => ({ at: new Date(1000 - index), id: `${index}` }));
  const pageOf = (limit: number) =>
    pages.pageOf(
      rows,
      limit,
      listing,
      (row) => row,
      ({ id }) => id,
    );

  it('has a next one when one row more than the limit was found', () => {
    const page = pageOf(2);
    expect(page.items).toEqual(['0', '1']);
    expect(pages.decode(page.next ?? '', listing)).toEqual(rows[1]);
  });

  it('is the last one otherwise', () => {
    expect(pageOf(3)).toEqual({ items: ['0', '1', '2'], next: null });
    expect(
      pages.pageOf(
        [],
        3,
        listing,
        (row) => row,
        (row) => row,
      ),
    ).toEqual({ items: [], next: null });
  });
});

describe('the query of a list', () => {
  const Query = z.strictObject(PageQuery);

  it('has a limit of 20 when it is left out', () => expect(Query.parse({})).toEqual({ limit: 20 }));
  it.each(['1', '100'])('takes a limit of %s', (limit) => expect(Query.parse({ limit }).limit).toBe(Number(limit)));
  it.each(['0', '101', '-1', '1.5', '1e1', ' 5', '0x5', '', 'ten', '99999999999'])('refuses a limit of %j', (limit) => {
    expect(Query.safeParse({ limit }).success).toBe(false);
  });
});
