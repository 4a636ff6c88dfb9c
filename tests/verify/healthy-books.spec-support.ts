import { createHash } from 'node:crypto';
import { httpMigrations } from '#libs/http';
import { messagingMigrations } from '#libs/messaging';
import { testDatabase, type TestDatabase } from '#libs/testing';
import type { System } from '#libs/verify';
import { migrations as desk } from '../../apps/console/src/console.module.js';
import { migrations as notification } from '../../apps/notification/src/notification.module.js';
import { migrations as order } from '../../apps/order/src/order.module.js';
import { CreatePayments1767225600000 } from '../../apps/payment/src/migrations/1767225600000-create-payments.js';
import { CreatePspBooks1767225600001 } from '../../apps/payment/src/migrations/1767225600001-create-psp-books.js';
import { AdmitUncertainty1767225600002 } from '../../apps/payment/src/migrations/1767225600002-admit-uncertainty.js';
import { CreateBooks1767225600000 } from '../../apps/psp-simulator/src/migrations/1767225600000-create-books.js';

export type DatabaseName = keyof System['databaseUrls'];

/** A history row: `to` by `cause`. What it comes from is what the row before leads to. */
type Step = readonly [to: string, cause: string];

interface Story {
  readonly order: readonly Step[];
  /** Seconds from now. */
  readonly deadline?: number;
  readonly payment: readonly Step[];
  readonly ended?: boolean;
  readonly attempts: readonly ('captured' | 'declined' | 'unknown')[];
  /** Amounts, in minor units. */
  readonly refunds?: readonly number[];
  readonly told: readonly string[];
}

/** What each order costs, in minor units. */
export const total = 2598;

const opened: Step = ['open', 'opened'];
const attempted: Step = ['authorising', 'attempted'];
const placed: Step = ['awaiting_payment', 'placed'];

/** Orders at rest, one for each way that they can go. */
const stories = {
  open: { order: [placed], deadline: 900, payment: [opened], attempts: [], told: ['order-placed'] },
  asked: { order: [placed], deadline: 900, payment: [opened, attempted], attempts: ['unknown'], told: ['order-placed'] },
  paid: {
    order: [placed, ['paid', 'payment.captured.v1']],
    payment: [opened, attempted, ['open', 'declined'], attempted, ['captured', 'captured']],
    attempts: ['declined', 'captured'],
    told: ['order-placed', 'payment-declined', 'order-paid'],
  },
  reduced: {
    order: [placed, ['paid', 'payment.captured.v1']],
    payment: [opened, attempted, ['captured', 'captured'], ['captured', 'part_refund_requested'], ['captured', 'part_refunded']],
    attempts: ['captured'],
    refunds: [500],
    told: ['order-placed', 'order-paid', 'payment-returned'],
  },
  cancelled: {
    order: [placed, ['cancelled', 'customer']],
    payment: [opened, ['voided', 'order_ended']],
    ended: true,
    attempts: [],
    told: ['order-placed', 'order-cancelled'],
  },
  expired: {
    order: [placed, ['expired', 'deadline']],
    payment: [opened, attempted, ['authorising', 'order_ended'], ['voided', 'declined']],
    ended: true,
    attempts: ['declined'],
    told: ['order-placed', 'order-expired'],
  },
  late: {
    order: [placed, ['expired', 'deadline']],
    payment: [
      opened,
      attempted,
      ['authorising', 'order_ended'],
      ['captured', 'captured'],
      ['refunding', 'refund_requested'],
      ['refunded', 'refunded'],
    ],
    ended: true,
    attempts: ['captured'],
    refunds: [total],
    told: ['order-placed', 'order-expired', 'payment-returned'],
  },
  refunded: {
    order: [placed, ['paid', 'payment.captured.v1'], ['refunding', 'customer'], ['refunded', 'payment.refunded.v1']],
    payment: [
      opened,
      attempted,
      ['captured', 'captured'],
      ['captured', 'order_ended'],
      ['refunding', 'refund_requested'],
      ['refunded', 'refunded'],
    ],
    ended: true,
    attempts: ['captured'],
    refunds: [total],
    told: ['order-placed', 'order-paid', 'order-cancelled', 'order-refunded'],
  },
} satisfies Record<string, Story>;

export const storyNames = Object.keys(stories);

/** The same name is the same id: `idOf('paid.order')`, `idOf('paid.payment')`, `idOf('paid.attempt.1')`, `idOf('late.refund.0')`. */
export function idOf(name: string): string {
  const hex = createHash('md5').update(name).digest('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-7${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20)}`;
}

/** The provider's own name for an attempt or refund. */
export const referenceOf = (name: string): string => `${name.includes('refund.') ? 're' : 'pi'}_${name.replaceAll('.', '_')}`;

const migrationsOf = {
  order,
  payment: [
    ...messagingMigrations,
    ...httpMigrations,
    CreatePayments1767225600000,
    CreatePspBooks1767225600001,
    AdmitUncertainty1767225600002,
  ],
  notification,
  'psp-simulator': [CreateBooks1767225600000],
  console: desk,
} satisfies Record<DatabaseName, unknown>;

const names = Object.keys(migrationsOf) as DatabaseName[];

/** The five databases of a small world in which nothing is wrong. */
export class HealthyBooks {
  private constructor(private readonly databases: Readonly<Record<DatabaseName, TestDatabase>>) {}

  static async write(): Promise<HealthyBooks> {
    const made = await Promise.all(
      names.map(
        async (name) => [name, await testDatabase({ name: 'healthy', migrations: migrationsOf[name], extra: { max: 1 } })] as const,
      ),
    );
    for (const [name, { dataSource }] of made) {
      for (const [story, told] of Object.entries<Story>(stories)) for (const row of rowsOf[name](story, told)) await dataSource.query(row);
    }
    return new HealthyBooks(Object.fromEntries(made) as Record<DatabaseName, TestDatabase>);
  }

  get urls(): System['databaseUrls'] {
    return Object.fromEntries(names.map((name) => [name, this.databases[name].url])) as Record<DatabaseName, string>;
  }

  /**
   * The addresses after harm was done. It is done to copies of the tables, in a schema that comes before the healthy one: without keys,
   * constraints and triggers, which would refuse most of it.
   */
  async harmed(harm: Partial<Record<DatabaseName, string>>): Promise<System['databaseUrls']> {
    const urls: Record<string, string> = { ...this.urls };
    for (const [name, sql] of Object.entries(harm) as [DatabaseName, string][]) {
      const { dataSource, url } = this.databases[name];
      const tables: { table: string }[] = await dataSource.query(
        `SELECT tablename AS "table" FROM pg_tables WHERE schemaname = 'public' AND tablename <> 'migrations'`,
      );
      const copies = tables.map(
        ({ table }) =>
          `CREATE TABLE harmed.${table} (LIKE public.${table} INCLUDING DEFAULTS INCLUDING IDENTITY);
           INSERT INTO harmed.${table} OVERRIDING SYSTEM VALUE TABLE public.${table};`,
      );
      await dataSource.query(`CREATE SCHEMA harmed; ${copies.join('')} SET LOCAL search_path = harmed, public; ${sql}`);
      urls[name] = `${url}?options=${encodeURIComponent('-c search_path=harmed,public')}`;
    }
    return urls as unknown as System['databaseUrls'];
  }

  async heal(): Promise<void> {
    for (const { dataSource } of Object.values(this.databases)) await dataSource.query('DROP SCHEMA IF EXISTS harmed CASCADE');
  }

  async drop(): Promise<void> {
    await Promise.all(Object.values(this.databases).map((database) => database.drop()));
  }
}

/** The statements that put a story into each database. */
const rowsOf: Record<DatabaseName, (name: string, story: Story) => string[]> = {
  order: (name, { order: steps, deadline = -2700 }) => [
    `INSERT INTO orders (id, customer_id, email, status, items, total_minor, currency, version, placed_at, payment_deadline)
     VALUES ('${idOf(`${name}.order`)}', 'alice', 'alice@example.com', '${steps.at(-1)?.[0]}', '[]', ${total}, 'EUR', ${steps.length},
             now() - interval '1 hour', now() + ${deadline} * interval '1 s')`,
    ...historyOf('order_history', idOf(`${name}.order`), steps),
    `INSERT INTO idempotency_keys (caller, method, path, key, fingerprint, status, headers, body)
     VALUES ('customer:alice', 'POST', '/orders', 'key-${name}', '', 201, '{}', '{"id":"${idOf(`${name}.order`)}"}')`,
    inbox('order.settle-order', name),
  ],
  payment: (name, story) => [
    `INSERT INTO payments (id, order_id, customer_id, customer_email, status, order_ended, amount_minor, currency, version, opened_at, refund_requested_minor)
     VALUES ('${idOf(`${name}.payment`)}', '${idOf(`${name}.order`)}', 'alice', 'alice@example.com', '${story.payment.at(-1)?.[0]}',
             ${story.ended ?? false}, ${total}, 'EUR', ${story.payment.length}, now() - interval '1 hour', ${sum(story.refunds)})`,
    ...historyOf('payment_history', idOf(`${name}.payment`), story.payment),
    ...story.attempts.flatMap((outcome, index) => attemptRows(name, index, outcome)),
    ...(story.refunds ?? []).flatMap((amount, index) => refundRows(name, index, amount)),
    `INSERT INTO psp_events (id, type, created_at, applied_at) VALUES ('evt_${name}', 'charge.updated', now(), now())`,
    inbox('payment.open-payment', name),
  ],
  notification: (name, { told }) => [
    ...told.map(
      (
        kind,
      ) => `INSERT INTO notifications (id, event_id, order_id, customer_id, kind, channel, status, recipient, subject, body, at, sent_at)
        VALUES (gen_random_uuid(), '${idOf(`${name}.${kind}`)}', '${idOf(`${name}.order`)}', 'alice', '${kind}', 'email', 'sent',
                'alice@example.com', '', '', now(), now())`,
    ),
    inbox('notification.email', name),
    inbox('notification.webhook', name),
  ],
  'psp-simulator': (name, { attempts, refunds = [] }) => [
    ...attempts.flatMap((outcome, index) => (outcome === 'unknown' ? [] : [intentRow(name, index, outcome)])),
    ...refunds.map((amount, index) => {
      const capture = referenceOf(`${name}.attempt.${attempts.indexOf('captured')}`);
      const metadata = JSON.stringify({ refund_id: idOf(`${name}.refund.${index}`), order_id: idOf(`${name}.order`) });
      return `INSERT INTO refunds (id, payment_intent, amount_minor, currency, status, metadata)
              VALUES ('${referenceOf(`${name}.refund.${index}`)}', '${capture}', ${amount}, 'eur', 'succeeded', '${metadata}')`;
    }),
  ],
  console: (name) => [letterRow(name, 'done')],
};

/** A dead letter of a story, in a state. */
export function letterRow(name: string, status: string): string {
  return `INSERT INTO dead_letters (id, message_id, queue, type, status, version, reason, error, error_kind, attempts, headers, body, is_text, died_at)
          VALUES (gen_random_uuid(), '${idOf(`${name}.order`)}', 'order.settle-order', 'payment.captured.v1', '${status}', 3,
                  'attempts-exhausted', 'Error: 7', 'Error: #', 6, '{}', '', true, now())`;
}

function historyOf(table: 'order_history' | 'payment_history', id: string, steps: readonly Step[]): string[] {
  const of = table === 'order_history' ? 'order_id' : 'payment_id';
  return steps.map(([to, cause], index) => {
    const from = index === 0 ? 'NULL' : `'${steps[index - 1]?.[0]}'`;
    return `INSERT INTO ${table} (${of}, sequence, from_status, to_status, cause, at)
            VALUES ('${id}', ${index + 1}, ${from}, '${to}', '${cause}', now() - interval '30 minutes')`;
  });
}

function attemptRows(name: string, index: number, outcome: Story['attempts'][number]): string[] {
  const id = idOf(`${name}.attempt.${index}`);
  const open = outcome === 'unknown';
  return [
    `INSERT INTO attempts (id, payment_id, payment_method, outcome, decline_code, psp_reference, asked_at, at, lookups, reconcile_at)
     VALUES ('${id}', '${idOf(`${name}.payment`)}', 'pm_card_visa', '${outcome}', ${outcome === 'declined' ? `'insufficient_funds'` : 'NULL'},
             ${open ? 'NULL' : `'${referenceOf(`${name}.attempt.${index}`)}'`}, now(), now(), ${open ? 1 : 0},
             ${open ? `now() + interval '5 minutes'` : 'NULL'})`,
    ...(outcome === 'captured' ? [booking(name, id, total)] : []),
  ];
}

function refundRows(name: string, index: number, amount: number): string[] {
  const id = idOf(`${name}.refund.${index}`);
  return [
    `INSERT INTO refunds (id, payment_id, amount_minor, currency, reason, status, psp_reference, at, asked_at)
     VALUES ('${id}', '${idOf(`${name}.payment`)}', ${amount}, 'EUR', 'operator', 'succeeded', '${referenceOf(`${name}.refund.${index}`)}', now(), now())`,
    booking(name, id, -amount),
  ];
}

/** A transaction of the ledger; a negative amount goes back. */
export function booking(name: string, transaction: string, amount: number): string {
  const line = (account: string, minor: number) =>
    `('${transaction}', '${account}', '${idOf(`${name}.payment`)}', '${idOf(`${name}.order`)}', ${minor}, 'EUR', now())`;
  return `INSERT INTO ledger_entries (transaction_id, account, payment_id, order_id, amount_minor, currency, at)
          VALUES ${line('provider', amount)}, ${line('customer', -amount)}`;
}

/** An intent in the provider's books. */
export function intentRow(
  name: string,
  index: number,
  outcome: 'captured' | 'declined',
  id = referenceOf(`${name}.attempt.${index}`),
): string {
  const metadata = JSON.stringify({ attempt_id: idOf(`${name}.attempt.${index}`), order_id: idOf(`${name}.order`) });
  const captured = outcome === 'captured';
  return `INSERT INTO payment_intents (id, amount_minor, currency, status, payment_method, amount_received_minor, metadata, answer, webhooks)
          VALUES ('${id}', ${total}, 'eur', '${captured ? 'succeeded' : 'requires_payment_method'}', 'pm_card_visa', ${captured ? total : 0},
                  '${metadata}', '', '')`;
}

function inbox(consumer: string, name: string): string {
  return `INSERT INTO inbox (consumer, message_id) VALUES ('${consumer}', '${idOf(`${name}.message`)}')`;
}

const sum = (amounts: readonly number[] = []): number => amounts.reduce((all, amount) => all + amount, 0);
