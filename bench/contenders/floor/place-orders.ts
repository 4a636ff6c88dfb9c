import type { FastifyReply } from 'fastify';
import type { Client } from 'pg';
import { Batches } from './batches.js';
import { step } from './outbox.js';
import { batchSize, openDatabase, type Service } from './service.js';
import { currency, newsOf, wishOf, type Product, type Wish } from './wish.js';

const place = step(
  'place-order',
  `wish AS MATERIALIZED (
     SELECT * FROM unnest($8::uuid[], $9::text[], $10::text[], $11::text[], $12::text[], $13::jsonb[], $14::bigint[], $15::timestamptz[],
                          $16::timestamptz[], $17::text[])
       AS wish (id, customer_id, key, fingerprint, email, items, total_minor, placed_at, payment_deadline, answer)
   ), fresh AS (
     INSERT INTO idempotency_keys (caller, method, path, key, fingerprint, status, headers, body)
     SELECT 'customer:' || customer_id, 'POST', '/orders', key, fingerprint, 201, jsonb_build_object('location', '/orders/' || id), answer FROM wish
     -- Of two requests with one key that come together, the answer tells which has it.
     ON CONFLICT DO NOTHING RETURNING (body::json ->> 'id')::uuid AS id
   ), placed AS (
     INSERT INTO orders (id, customer_id, email, status, items, total_minor, currency, version, placed_at, payment_deadline)
     SELECT id, customer_id, email, 'awaiting_payment', items, total_minor, '${currency}', 1, placed_at, payment_deadline
     FROM wish JOIN fresh USING (id)
   ), history AS (
     INSERT INTO order_history (order_id, sequence, from_status, to_status, cause, at)
     SELECT id, 1, NULL, 'awaiting_payment', 'placed', placed_at FROM wish JOIN fresh USING (id)
   )`,
);

/** `POST /orders`: requests that arrive together are accepted with one statement. Prices are read once, and the clock is the process's. */
export async function placeOrders({ http, outbox }: Service): Promise<void> {
  const database = await openDatabase();
  const { rows } = await database.query<Product>('SELECT sku, name, price_minor FROM products');
  const products = new Map(rows.map((product) => [product.sku, product]));
  const batches = new Batches<Wish>(batchSize, async (wishes) => {
    const fresh = new Set(await outbox.commit(database, place, wishes.flatMap(newsOf), columnsOf(wishes)));
    for (const wish of wishes) {
      if (fresh.has(wish.id)) answer(wish.reply, wish.id, wish.answer);
      else await replay(wish, database);
    }
  });
  http.post('/orders', (request, reply) => {
    const wish = wishOf(request, reply, products);
    if (wish) batches.add(wish);
    else void reply.code(422).send();
  });
}

function columnsOf(wishes: readonly Wish[]): unknown[][] {
  return [
    wishes.map(({ id }) => id),
    wishes.map(({ customerId }) => customerId),
    wishes.map(({ key }) => key),
    wishes.map(({ fingerprint }) => fingerprint),
    wishes.map(({ email }) => email),
    wishes.map(({ items }) => items),
    wishes.map(({ totalMinor }) => totalMinor),
    wishes.map(({ placedAt }) => placedAt),
    wishes.map(({ deadline }) => deadline),
    wishes.map(({ answer: body }) => body),
  ];
}

function answer(reply: FastifyReply, id: string, body: string): void {
  void reply
    .code(201)
    .headers({ 'content-type': 'application/json; charset=utf-8', location: `/orders/${id}` })
    .send(body);
}

/** The key was used before: the answer is the one from then. */
async function replay({ reply, customerId, key, fingerprint }: Wish, database: Client): Promise<void> {
  const { rows } = await database.query<{ fingerprint: string; id: string; body: string }>(
    `SELECT fingerprint, body::json ->> 'id' AS id, body FROM idempotency_keys
     WHERE caller = 'customer:' || $1 AND method = 'POST' AND path = '/orders' AND key = $2`,
    [customerId, key],
  );
  const [kept] = rows;
  if (kept?.fingerprint === fingerprint) answer(reply.header('idempotency-replayed', 'true'), kept.id, kept.body);
  else void reply.code(422).send();
}
