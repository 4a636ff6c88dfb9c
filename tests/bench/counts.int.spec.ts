import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, it, type TestContext } from 'vitest';
import { topology } from '#libs/contracts';
import { emptyDatabase, eventually, testVhost } from '#libs/testing';
import { orderly } from '../../bench/contenders/orderly/index.js';
import { messagesOf, PostgresCounters, type Messages, type StatementCount } from '../../bench/measuring/counters.js';
import { LoadGenerator } from '../../bench/measuring/load.js';

/** All sent at once. */
const orders = 200;
const publishedPerOrder = 7;
/** The notice goes to three queues: the e-mail's, the webhooks', and the live stream's, which nobody listens to here but the service itself. */
const deliveredPerOrder = 11;

/** BEGIN and COMMIT among them. It is six, however large the batches are; those depend on the mood of the machine. */
const mostStatementsPerTransaction = 7;
/** One for each message would be twelve. Two idle cores have shown 0.3, and when others use them as well, 1.5. */
const mostTransactionsPerOrder = 3;
/** One for each message would be sent once or more; the most frequent is sent 0.2 times. */
const mostOfOneStatementPerOrder = 0.9;

/** Costs that are counted, not timed: a round trip more for each message shows in them on any machine. */
describe(`the cost of ${orders} orders that are placed at once`, () => {
  let messages: Messages;
  /** How many messages told of the calls: many in one. */
  let ofActivity: number;
  let faults: string[];
  /** Undefined on a server of somebody else's that doesn't count. */
  let statements: StatementCount[] | undefined;
  const undo: (() => unknown)[] = [];

  beforeAll(async () => {
    const postgresUrl = process.env['ORDERLY_POSTGRES_URL']!;
    const vhost = await testVhost('counts');
    undo.push(() => vhost.drop());
    const databases = await Promise.all(['order', 'payment', 'notification'].map((name) => emptyDatabase(name)));
    undo.push(() => Promise.all(databases.map((database) => database.drop())));
    const [order, payment, notification] = databases.map(({ url }) => url) as [string, string, string];
    const servers = { databaseUrls: { order, payment, notification }, rabbitmqUrl: vhost.url, managementUrl: vhost.managementUrl };
    const running = await orderly.start(servers);
    undo.push(() => running.stop());
    const load = new LoadGenerator();
    undo.push(() => load.stop());
    const counters = (await PostgresCounters.areThere(postgresUrl)) ? await PostgresCounters.open(postgresUrl) : undefined;
    undo.push(() => counters?.close());

    await counters?.forget();
    const told = { databaseUrl: notification, count: running.toldCount };
    await load.put({ kind: 'saturating', url: running.url, orders, connections: orders, outstanding: orders, told });
    // The last thing that happens for an order: both of its mails are noted as sent.
    await eventually(() => requireSentMails(notification, 2 * orders), { within: 30_000 });
    statements = await counters?.statementsIn(databases.map(({ name }) => name));

    faults = await running.faults();
    // RabbitMQ's count comes late.
    messages = await eventually(
      async () => {
        const now = await messagesOf(vhost);
        if (now.delivered < deliveredPerOrder * orders) throw new Error(`${now.delivered} deliveries are counted`);
        return now;
      },
      { within: 30_000 },
    );
    const { message_stats: activity = {} } = (await vhost.manage('GET', `/api/exchanges/{vhost}/${topology.activity.exchange}`)) as {
      message_stats?: { publish_in?: number };
    };
    ofActivity = activity.publish_in ?? 0;
  }, 120_000);

  afterAll(async () => {
    for (const step of undo.toReversed()) await step();
  });

  it('leaves books that add up', () => {
    expect(faults).toEqual([]);
  });

  it('is seven messages published and eleven delivered for each', () => {
    expect({ ...messages, published: messages.published - ofActivity }).toEqual({
      published: publishedPerOrder * orders,
      delivered: deliveredPerOrder * orders,
    });
  });

  it('is not a message for each call that is told of', () => {
    expect(ofActivity).toBeGreaterThan(0);
    expect(ofActivity).toBeLessThan(orders / 2);
  });

  it('is few round trips to Postgres in a transaction', (context) => {
    const all = callsOf(counted(context));
    expect(all / callsOf(commits(context))).toBeLessThan(mostStatementsPerTransaction);
  });

  it('is few transactions', (context) => {
    expect(callsOf(commits(context)) / orders).toBeLessThan(mostTransactionsPerOrder);
  });

  it('is no statement that is sent for each message', (context) => {
    const frequent = counted(context).filter(({ text, calls }) => !isFrame(text) && calls / orders > mostOfOneStatementPerOrder);
    expect(frequent).toEqual([]);
  });

  /** All transactions of a database share these. */
  const isFrame = (text: string) => ['START TRANSACTION', 'BEGIN', 'COMMIT'].includes(text);

  const callsOf = (some: readonly StatementCount[]) => some.reduce((sum, { calls }) => sum + calls, 0);
  const commits = (context: TestContext) => counted(context).filter(({ text }) => text === 'COMMIT');

  function counted(context: TestContext): StatementCount[] {
    return statements ?? context.skip('the Postgres of this run was started by somebody else, without pg_stat_statements');
  }
});

async function requireSentMails(notificationUrl: string, wanted: number): Promise<void> {
  const client = new Client({ connectionString: notificationUrl });
  await client.connect();
  try {
    const { rows } = await client.query<{ sent: number }>(`SELECT count(*)::int AS sent FROM notifications WHERE status = 'sent'`);
    if (rows[0]!.sent < wanted) throw new Error(`${rows[0]!.sent} of ${wanted} mails are sent`);
  } finally {
    await client.end();
  }
}
