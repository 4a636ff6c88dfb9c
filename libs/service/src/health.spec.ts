import { beforeEach, describe, expect, it, vi } from 'vitest';
import { Health } from './health.js';

describe('health', () => {
  let health: Health;
  beforeEach(() => {
    health = new Health();
    health.register('broker', async () => ({ status: 'up' }));
  });

  it('is up when every part is', async () => expect(await health.report()).toEqual({ status: 'up', checks: { broker: { status: 'up' } } }));

  it('is as bad as its worst part', async () => {
    health.register('outbox', async () => ({ status: 'degraded', detail: 'old' }));
    expect((await health.report()).status).toBe('degraded');
    health.register('database', async () => ({ status: 'down' }));
    expect((await health.report()).status).toBe('down');
  });

  it('does not tell the public what a part failed with', async () => {
    health.register('database', async () => {
      throw new Error('connect ECONNREFUSED 10.0.0.7:5432');
    });
    expect((await health.report()).checks['database']).toEqual({ status: 'down', detail: 'does not answer' });
  });

  it('does not wait for a part that hangs', async () => {
    vi.useFakeTimers();
    try {
      health.register('database', () => new Promise(() => {}));
      const report = health.report();
      await vi.runAllTimersAsync();
      expect((await report).checks['database']?.status).toBe('down');
    } finally {
      vi.useRealTimers();
    }
  });

  it('says that the service is stopping, whatever its parts say', async () => {
    health.stop();
    expect((await health.report()).status).toBe('stopping');
  });
});
