import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { BadConfiguration, messagingConfig, parseConfig, serviceConfig } from './config.js';

const Config = z.object({ ...serviceConfig, ...messagingConfig, PAYMENT_WINDOW_SECONDS: z.coerce.number().int().min(5).default(900) });
const good = { DATABASE_URL: 'postgres://o:o@localhost/order', RABBITMQ_URL: 'amqp://localhost', HTTP_PORT: '3001' };

describe('the configuration', () => {
  it('is read from the environment, with defaults', () => {
    expect(parseConfig(Config, good)).toMatchObject({
      HTTP_PORT: 3001,
      HTTP_HOST: '0.0.0.0',
      LOG_LEVEL: 'info',
      LOG_FORMAT: 'json',
      DATABASE_POOL_SIZE: 16,
      SHUTDOWN_DEADLINE_SECONDS: 20,
      INSTANCE: expect.stringMatching(new RegExp(`-${process.pid}$`)),
      PAYMENT_WINDOW_SECONDS: 900,
    });
  });

  it('takes an empty variable as one that is not set', () =>
    expect(parseConfig(Config, { ...good, LOG_LEVEL: '' }).LOG_LEVEL).toBe('info'));

  it('names every bad variable at once, without its value', () => {
    const bad = { DATABASE_URL: 'mysql://secret@host/db', HTTP_PORT: 'abc', LOG_FORMAT: 'xml', PAYMENT_WINDOW_SECONDS: '4' };
    const said = thrownBy(() => parseConfig(Config, bad));
    expect(said).toBeInstanceOf(BadConfiguration);
    for (const name of ['DATABASE_URL', 'RABBITMQ_URL: is not set', 'HTTP_PORT', 'LOG_FORMAT', 'PAYMENT_WINDOW_SECONDS']) {
      expect((said as Error).message).toContain(name);
    }
    expect((said as Error).message).toContain('5 faults');
    expect((said as Error).message).not.toContain('secret');
  });
});

function thrownBy(work: () => unknown): unknown {
  try {
    return work();
  } catch (error) {
    return error;
  }
}
