import { createHmac, timingSafeEqual } from 'node:crypto';
import { z } from 'zod';
import { problem } from './problem-details.js';

/** The place of one row in a list that is newest first. */
export interface Position {
  /** To the millisecond, as instants are stored. */
  readonly at: Date;
  readonly id: string;
}

/** What a cursor is good for: this list, seen by this caller, through this filter. */
export interface Listing {
  readonly route: string;
  /** See `scopeOf`. */
  readonly caller: string;
  /** Without `limit` and `after`. */
  readonly filter?: Readonly<Record<string, string | undefined>>;
}

/** One page of a list; its `Link` header is set by the interceptor. */
export class Page<Item> {
  constructor(
    readonly items: readonly Item[],
    /** The cursor of the next page; null on the last one. */
    readonly next: string | null,
  ) {}
}

const macBytes = 16;

/** Gives out cursors and takes them back. The secret is the same in every replica. */
export class CursorPages {
  constructor(private readonly secret: string) {}

  /** The page of the rows that were found, of which there is one more than the limit if there is a next page. */
  pageOf<Row, Item>(
    rows: readonly Row[],
    limit: number,
    listing: Listing,
    positionOf: (row: Row) => Position,
    show: (row: Row) => Item,
  ): Page<Item> {
    const shown = rows.slice(0, limit);
    const last = shown.at(-1);
    const next = last !== undefined && rows.length > limit ? this.encode(positionOf(last), listing) : null;
    return new Page(shown.map(show), next);
  }

  encode({ at, id }: Position, listing: Listing): string {
    const position = Buffer.from(`${at.getTime()} ${id}`);
    return Buffer.concat([this.mac(position, listing), position]).toString('base64url');
  }

  /** Throws `invalid-cursor` when it was not given out for this very listing. Undefined stays so: that is the first page. */
  decode(cursor: string, listing: Listing): Position;
  decode(cursor: string | undefined, listing: Listing): Position | undefined;
  decode(cursor: string | undefined, listing: Listing): Position | undefined {
    if (cursor === undefined) return undefined;
    const bytes = Buffer.from(cursor, 'base64url');
    const position = bytes.subarray(macBytes);
    const genuine =
      bytes.length > macBytes &&
      // Base64 has several spellings of the same bytes; only ours was given out.
      bytes.toString('base64url') === cursor &&
      timingSafeEqual(bytes.subarray(0, macBytes), this.mac(position, listing));
    if (!genuine)
      throw problem('invalid-cursor', 'Use `next` of the page before, with the same filter, or leave `after` out for the first page.');
    const [at, id] = position.toString().split(' ', 2) as [string, string];
    return { at: new Date(Number(at)), id };
  }

  private mac(position: Buffer, { route, caller, filter = {} }: Listing): Buffer {
    const given = Object.entries(filter).filter(([, value]) => value !== undefined);
    const bound = JSON.stringify([route, caller, given.toSorted(([a], [b]) => (a < b ? -1 : 1))]);
    return createHmac('sha256', this.secret).update(position).update('\0').update(bound).digest().subarray(0, macBytes);
  }
}

// Digits only: Number() would also take ' 5', '5e1', '0x5' and ''.
const wholeNumber = z
  .string()
  .regex(/^-?\d{1,9}$/, 'a whole number')
  .transform(Number);

/** The members of the query of a list. Spread it into a strict object, beside the list's filter. */
export const PageQuery = {
  limit: wholeNumber
    .pipe(z.int().min(1).max(100))
    .default(20)
    .meta({ type: 'integer', minimum: 1, maximum: 100, default: 20, pattern: undefined }),
  after: z.string().optional().meta({ description: '`next` of the page before.' }),
};
