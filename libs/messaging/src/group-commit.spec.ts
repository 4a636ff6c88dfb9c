import { describe, expect, it, vi } from 'vitest';
import { GroupCommit } from './group-commit.js';

/** Commits that the test lets go one by one. */
function commits() {
  const underWay: { items: readonly number[]; succeed: () => void; fail: (error: unknown) => void }[] = [];
  const commit = (items: readonly number[]) =>
    new Promise<number[]>((resolve, reject) => {
      underWay.push({ items, succeed: () => resolve(items.map((item) => item * 10)), fail: reject });
    });
  return { underWay, commit };
}

const turn = () =>
  new Promise((resolve) => {
    setImmediate(() => setImmediate(resolve));
  });

describe('a group commit', () => {
  it('commits together what came together, and answers each with its own result', async () => {
    const { underWay, commit } = commits();
    const group = new GroupCommit({ most: 100, patienceMs: 60_000, commit });
    const answers = Promise.all([1, 2, 3].map((item) => group.add(item)));
    await turn();
    expect(underWay.map(({ items }) => items)).toEqual([[1, 2, 3]]);
    underWay[0]!.succeed();
    expect(await answers).toEqual([10, 20, 30]);
  });

  it('gathers what comes while others are being committed, up to the most', async () => {
    const { underWay, commit } = commits();
    const group = new GroupCommit({ most: 2, patienceMs: 60_000, commit });
    const first = group.add(1);
    await turn();
    const others = [2, 3, 4].map((item) => group.add(item));
    await turn();
    expect(underWay).toHaveLength(1);
    underWay[0]!.succeed();
    expect(await first).toBe(10);
    await turn();
    expect(underWay[1]!.items).toEqual([2, 3]);
    underWay[1]!.succeed();
    await turn();
    expect(underWay[2]!.items).toEqual([4]);
    underWay[2]!.succeed();
    expect(await Promise.all(others)).toEqual([20, 30, 40]);
  });

  it('goes on with the next group when one takes longer than it has patience for', async () => {
    const { underWay, commit } = commits();
    const group = new GroupCommit({ most: 100, patienceMs: 1, commit });
    const stuck = group.add(1);
    await turn();
    const quick = group.add(2);
    await vi.waitFor(() => expect(underWay).toHaveLength(2));
    underWay[1]!.succeed();
    expect(await quick).toBe(20);
    underWay[0]!.succeed();
    expect(await stuck).toBe(10);
  });

  it('tries each alone when a group fails, so that only the culprit fails', async () => {
    const tried: (readonly number[])[] = [];
    const group = new GroupCommit<number, number>({
      most: 100,
      patienceMs: 60_000,
      commit: async (items) => {
        tried.push(items);
        if (items.includes(2)) throw new Error('not two');
        return items;
      },
    });
    const outcomes = await Promise.allSettled([1, 2, 3].map((item) => group.add(item)));
    expect(tried).toEqual([[1, 2, 3], [1], [2], [3]]);
    expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
  });

  it('refuses what comes when too many wait already, and takes more when they have had their turn', async () => {
    const { underWay, commit } = commits();
    const group = new GroupCommit({ most: 10, patienceMs: 60_000, mostWaiting: 2, commit });
    const first = group.add(1);
    await turn();
    const waiting = [group.add(2), group.add(3)];
    await expect(group.add(4)).rejects.toMatchObject({ slug: 'temporarily-unavailable' });
    underWay[0]!.succeed();
    await first;
    await turn();
    underWay[1]!.succeed();
    expect(await Promise.all(waiting)).toEqual([20, 30]);
    const later = group.add(5);
    await turn();
    underWay[2]!.succeed();
    expect(await later).toBe(50);
  });

  it('fails all at once, and tries nothing again, when the connection was lost during the commit: it may have taken effect', async () => {
    let tries = 0;
    const group = new GroupCommit<number, number>({
      most: 100,
      patienceMs: 60_000,
      commit: async () => {
        tries += 1;
        throw new Error('Connection terminated unexpectedly');
      },
    });
    const outcomes = await Promise.allSettled([1, 2, 3].map((item) => group.add(item)));
    expect([tries, ...outcomes.map(({ status }) => status)]).toEqual([1, 'rejected', 'rejected', 'rejected']);
  });

  it('fails all at once when the database is away', async () => {
    let tries = 0;
    const group = new GroupCommit<number, number>({
      most: 100,
      patienceMs: 60_000,
      commit: async () => {
        tries += 1;
        throw Object.assign(new Error('gone'), { code: 'ECONNREFUSED' });
      },
    });
    const outcomes = await Promise.allSettled([1, 2, 3].map((item) => group.add(item)));
    expect([tries, ...outcomes.map(({ status }) => status)]).toEqual([1, 'rejected', 'rejected', 'rejected']);
  });
});
