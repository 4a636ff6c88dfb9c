import { inDatabase } from '../seeding/databases.js';

const prefix = 'BENCH-';

export const productNames = (count: number): string[] => Array.from({ length: count }, (_, index) => `${prefix}${index + 1}`);

/** Puts so many products into the shop. */
export async function fillShop(databaseUrl: string, count: number): Promise<void> {
  await inDatabase(databaseUrl, (client) =>
    client.query(
      `INSERT INTO products (sku, name, price_minor, currency)
       SELECT $1 || number, 'Product ' || number, 100 + number, 'EUR' FROM generate_series(1, $2::int) AS number`,
      [prefix, count],
    ),
  );
}
