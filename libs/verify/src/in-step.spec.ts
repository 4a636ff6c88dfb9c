import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { inStep } from './in-step.js';

interface Row {
  readonly key: string;
  readonly side: 'left' | 'right';
}

async function joined(left: string[], right: string[], direction?: 'ascending' | 'descending') {
  const groups: string[] = [];
  const sides = { left: rowsOf(left, 'left'), right: rowsOf(right, 'right') };
  for await (const group of inStep<{ left: Row; right: Row }>(sides, direction))
    groups.push(`${group.key}: ${group.left.length} ${group.right.length}`);
  return groups;
}

async function* rowsOf(keys: string[], side: Row['side']): AsyncGenerator<Row> {
  for (const key of keys) yield { key, side };
}

describe('inStep', () => {
  it('yields for each key what each side has of it', async () => {
    expect(await joined(['a', 'b', 'b', 'd'], ['b', 'c', 'd', 'd'])).toEqual(['a: 1 0', 'b: 2 1', 'c: 0 1', 'd: 1 2']);
  });

  it('walks downwards when asked to', async () => {
    expect(await joined(['d', 'b'], ['c', 'b', 'a'], 'descending')).toEqual(['d: 1 0', 'c: 0 1', 'b: 1 1', 'a: 0 1']);
  });

  it('leaves out no row and invents none', async () => {
    const keys = fc.array(fc.constantFrom('', 'a', 'b', 'c', 'd', 'e')).map((some) => some.toSorted());
    await fc.assert(
      fc.asyncProperty(keys, keys, async (left, right) => {
        const count = (of: string[], key: string) => of.filter((one) => one === key).length;
        const all = [...new Set([...left, ...right])].toSorted();
        expect(await joined(left, right)).toEqual(all.map((key) => `${key}: ${count(left, key)} ${count(right, key)}`));
      }),
    );
  });

  it('closes the streams when its reader stops early', async () => {
    const closed: string[] = [];
    async function* endless(side: Row['side']): AsyncGenerator<Row> {
      try {
        for (;;) yield { key: side, side };
      } finally {
        closed.push(side);
      }
    }
    async function* once(): AsyncGenerator<Row> {
      yield { key: 'a', side: 'left' };
      yield* endless('left');
    }
    for await (const { key } of inStep<{ left: Row; right: Row }>({ left: once(), right: endless('right') })) {
      expect(key).toBe('a');
      break;
    }
    expect(closed.toSorted()).toEqual(['left', 'right']);
  });
});
