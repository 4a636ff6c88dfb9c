import { describe, expect, it } from 'vitest';
import { causes, decide, IllegalMove, letterStatuses, moves } from './letter-state.js';

describe('a dead letter', () => {
  it.each(moves)('that is $from and $cause is $to', ({ from, cause, to }) => {
    expect(decide(from, cause)).toBe(to);
  });

  const listed = new Set(moves.map(({ from, cause }) => `${from} ${cause}`));
  const illegal = letterStatuses.flatMap((from) =>
    causes.filter((cause) => !listed.has(`${from} ${cause}`)).map((cause) => ({ from, cause })),
  );
  it.each(illegal)('that is $from cannot be $cause', ({ from, cause }) => {
    expect(() => decide(from, cause)).toThrow(IllegalMove);
  });

  it('is given to its queue by an operator only while it is parked', () => {
    expect(moves.filter(({ to }) => to === 'replaying').map(({ from }) => from)).toEqual(['parked', 'parked']);
  });

  it('stays what it is once it is done or discarded', () => {
    expect(moves.filter(({ from }) => from === 'done' || from === 'discarded')).toEqual([]);
  });
});
