import { describe, expect, it } from 'vitest';
import { full, quick } from './line-up.js';
import { BadUsage, readOptions } from './options.js';

describe('npm run bench', () => {
  it('lets every contender take its turns when nothing is asked for', () => {
    const { contenders, effort, write } = readOptions([]);
    expect(contenders.map(({ name }) => name)).toEqual(['careless', 'orderly', 'floor', 'per-message']);
    expect({ effort, write }).toEqual({ effort: full, write: false });
  });

  it('keeps them in their order, whichever are named', () => {
    const { contenders, effort } = readOptions(['--quick', '--rounds', '2', '--only', 'floor,orderly']);
    expect(contenders.map(({ name }) => name)).toEqual(['orderly', 'floor']);
    expect(effort).toEqual({ ...quick, rounds: 2 });
  });

  it.each([['--rounds', '0'], ['--rounds', 'many'], ['--only', 'orderly,nobody'], ['--only', ''], ['--nonsense'], ['orderly']])(
    'refuses %s %s',
    (...args) => {
      expect(() => readOptions(args)).toThrow(BadUsage);
    },
  );
});
