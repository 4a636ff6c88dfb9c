import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DataSource } from 'typeorm';
import { emptyDatabase, testDatabase } from '#libs/testing';
import { migrations } from '../payment.module.js';
import { book, captureEntries, refundEntries, type Booking } from './ledger.js';
import { insertPayments, LockedPayment } from './payments.js';

const amount = { amountMinor: 2598, currency: 'EUR' };

describe('the ledger table', () => {
  let database: Awaited<ReturnType<typeof testDatabase>>;

  beforeAll(async () => {
    database = await testDatabase({ migrations });
  });
  afterAll(() => database.drop());

  async function aBooking(): Promise<Booking> {
    const payment = LockedPayment.open(randomUUID(), { id: 'alice', email: 'alice@example.com' }, amount);
    await insertPayments(database.dataSource.manager, [payment]);
    return { transactionId: randomUUID(), paymentId: payment.id, orderId: payment.orderId, amount };
  }

  it('books captures and refunds together, and the customer of each order ends with nothing owed', async () => {
    const bookings = [await aBooking(), await aBooking()];
    await book(database.dataSource.manager, [
      ...bookings.flatMap(captureEntries),
      ...bookings.flatMap((booking) => refundEntries({ ...booking, transactionId: randomUUID() })),
    ]);
    const balances: { balance: number }[] = await database.dataSource.query(
      `SELECT sum(amount_minor)::int AS balance FROM ledger_entries WHERE order_id = ANY($1) GROUP BY order_id, account`,
      [bookings.map(({ orderId }) => orderId)],
    );
    expect(balances.map(({ balance }) => balance)).toEqual([0, 0, 0, 0]);
  });

  it('refuses a transaction that does not sum to zero', async () => {
    const [debit] = captureEntries(await aBooking());
    await expect(book(database.dataSource.manager, [debit!])).rejects.toThrow('does not sum to zero');
  });

  it('refuses to book the same capture twice', async () => {
    const entries = captureEntries(await aBooking());
    await book(database.dataSource.manager, entries);
    await expect(book(database.dataSource.manager, entries)).rejects.toThrow('ledger_entries_pkey');
  });

  it.each(['UPDATE ledger_entries SET amount_minor = 0', 'DELETE FROM ledger_entries', 'TRUNCATE ledger_entries'])(
    'refuses %s',
    async (statement) => {
      await book(database.dataSource.manager, captureEntries(await aBooking()));
      await expect(database.dataSource.query(statement)).rejects.toThrow('append-only');
    },
  );

  it.each(['ledger_entries', 'payment_history'])(
    'gives the role of the service no right to change or remove what is in %s',
    async (table) => {
      const own = await emptyDatabase('payment_role');
      const role = `payment_role_${randomUUID().slice(0, 8)}`;
      await database.dataSource.query(`CREATE ROLE ${role} LOGIN PASSWORD '${role}'`);
      await database.dataSource.query(`ALTER DATABASE "${own.name}" OWNER TO ${role}`);
      const url = Object.assign(new URL(own.url), { username: role, password: role });
      const service = await new DataSource({ type: 'postgres', url: url.href, migrations }).initialize();
      try {
        await service.runMigrations();
        for (const statement of [`UPDATE ${table} SET at = now()`, `DELETE FROM ${table}`, `TRUNCATE ${table}`])
          await expect(service.query(statement)).rejects.toThrow(`permission denied for table ${table}`);
      } finally {
        await service.destroy();
        await own.drop();
        await database.dataSource.query(`DROP ROLE ${role}`);
      }
    },
  );
});
