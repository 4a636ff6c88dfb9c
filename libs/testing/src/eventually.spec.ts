import { describe, expect, it } from 'vitest';
import { eventually } from './eventually.js';

describe('eventually', () => {
  it('gives back what the first attempt that does not throw returned', async () => {
    let attempts = 0;
    const result = await eventually(() => {
      attempts++;
      expect(attempts).toBe(3);
      return 'there';
    });
    expect([result, attempts]).toEqual(['there', 3]);
  });

  it('fails with the last error, which says how long it waited', async () => {
    let attempts = 0;
    const waiting = eventually(() => expect(`after attempt ${++attempts}`).toBe('settled'), { within: 120, every: 10 });
    const error = await waiting.catch((thrown: Error) => thrown);
    expect(error).toMatchObject({ actual: `after attempt ${attempts}`, expected: 'settled' });
    expect((error as Error).message).toMatch(/still so after 120 ms and \d+ attempts/);
  });

  it('does not wait for ever for an attempt that does not return', async () => {
    await expect(eventually(() => new Promise(() => {}), { within: 50 })).rejects.toThrow('the first attempt has not returned');
  });

  it('passes on what is thrown without being an error', async () => {
    await expect(eventually(() => Promise.reject('no such thing'), { within: 20 })).rejects.toThrow('no such thing (still so after 20 ms');
  });
});
