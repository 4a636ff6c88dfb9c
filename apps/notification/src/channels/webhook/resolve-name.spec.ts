import { describe, expect, it } from 'vitest';
import { resolveName } from './resolve-name.js';

describe('a name', () => {
  it.each(['localhost', 'LOCALHOST', 'localhost.', 'shop.localhost'])('is this machine, whatever name servers say: %s', async (name) => {
    expect(await resolveName(name)).toEqual(['127.0.0.1', '::1']);
  });
});
