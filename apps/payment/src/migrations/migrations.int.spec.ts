import { expect, it } from 'vitest';
import { testDatabase } from '#libs/testing';
import { entities, migrations } from '../payment.module.js';

it('makes every column that the entities have, of the type that they say', async () => {
  const database = await testDatabase({ entities, migrations });
  try {
    const { upQueries } = await database.dataSource.driver.createSchemaBuilder().log();
    // Indexes and checks stand in the migrations alone.
    const missing = upQueries.map(({ query }) => query).filter((query) => /CREATE TABLE|COLUMN|ADD |TYPE/.test(query));
    expect(missing).toEqual([]);
  } finally {
    await database.drop();
  }
});
