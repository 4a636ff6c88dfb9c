import { QueryFailedError } from 'typeorm';
import { describe, expect, it } from 'vitest';
import { databaseIsAway } from './database-errors.js';

const postgresError = (code: string) => new QueryFailedError('SELECT 1', [], Object.assign(new Error('said by Postgres'), { code }));

describe('the database', () => {
  it.each(['08006', '08003', '57P01', '57P02', '57P03', '53300'])('is away when Postgres says %s', (code) => {
    expect(databaseIsAway(postgresError(code))).toBe(true);
  });

  it.each(['ECONNREFUSED', 'ECONNRESET'])('is away when the connection says %s', (code) => {
    expect(databaseIsAway(Object.assign(new AggregateError([]), { code }))).toBe(true);
    expect(databaseIsAway(postgresError(code))).toBe(true);
  });

  it.each(['Connection terminated unexpectedly', 'timeout exceeded when trying to connect'])(
    'is away when the pool says: %s',
    (message) => {
      expect(databaseIsAway(new Error(message))).toBe(true);
    },
  );

  it.each([postgresError('23505'), postgresError('42P01'), postgresError('55P03'), new Error('other'), undefined, null, 'text'])(
    'is not away: %s',
    (error) => {
      expect(databaseIsAway(error)).toBe(false);
    },
  );
});
