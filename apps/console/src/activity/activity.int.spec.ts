import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { topology, type Activity } from '#libs/contracts';
import { asOperator, eventually } from '#libs/testing';
import { ConsoleFixture, orderId } from '../console.spec-support.js';
import { ActivityPartitions } from './activity-partitions.js';

let desk: ConsoleFixture;
beforeAll(async () => {
  desk = await ConsoleFixture.start();
});
beforeEach(() => desk.rows.query('TRUNCATE activity'));
afterAll(() => desk?.stop());

const call = (own: Partial<Activity> = {}): Activity => ({
  id: randomUUID(),
  at: new Date().toISOString(),
  service: 'order',
  instance: 'order-1',
  method: 'POST',
  route: '/orders',
  status: 201,
  durationMs: 3.5,
  caller: 'customer:alice',
  traceId: '0af7651916cd43dd8448eb211c80319c',
  ...own,
});

async function tell(...messages: unknown[]): Promise<void> {
  for (const message of messages)
    desk.channel.publish(topology.activity.exchange, '', Buffer.from(typeof message === 'string' ? message : JSON.stringify(message)));
  await desk.channel.waitForConfirms();
}

const kept = () => desk.rows.query<{ id: string; at: Date }[]>(`SELECT id, at FROM activity WHERE service <> 'console' ORDER BY at, id`);
const listed = async (query: string) => {
  const response = await desk.get(`/activity?${query}`, asOperator('olga'));
  return (await response.json()) as { items: { id: string; caller: string | null }[]; next: string | null };
};

/** Waits until so many calls to other services are kept. */
const keeps = (count: number) => eventually(async () => expect(await kept()).toHaveLength(count));

describe('what callers did', () => {
  it('is kept once, however often its message comes', async () => {
    const calls = [call(), call({ orderId })];
    await tell(calls, calls);
    await tell([call()]);
    await keeps(3);
    expect((await kept()).map(({ id }) => id)).toEqual(expect.arrayContaining(calls.map(({ id }) => id)));
  });

  it('is kept beside what cannot be read, which is taken off the queue and left', async () => {
    const unkeepable: Partial<Activity>[] = [
      { status: 1.5 },
      { status: 70_000 },
      { at: '0000-01-01T00:00:00Z' },
      { route: 'a NUL \0' },
      { caller: 'half a pair \ud800' },
    ];
    await tell('no JSON', { not: 'a list' }, [{ id: 'no call' }, call(), ...unkeepable.map(call)], [call()]);
    await keeps(2);
    await eventually(async () => expect((await desk.vhost.depth(topology.activity.queue)).messages).toBe(0));
  });

  it('is kept under a day that there is, if a clock says that it is of another', async () => {
    const calls = [call({ at: '2001-01-01T00:00:00.000Z' }), call({ at: '2101-01-01T00:00:00.000Z' })];
    await tell(calls, calls, [call()]);
    await keeps(3);
    const day = 86_400_000;
    for (const { at } of await kept()) expect(Math.abs(Date.now() - at.getTime())).toBeLessThan(2 * day);
  });

  it('is shown to operators, the last first, by caller, service and order, in pages', async () => {
    const [first, second, third] = [0, 1, 2].map((seconds) => call({ at: new Date(Date.now() - 60_000 + seconds * 1000).toISOString() }));
    await tell([first, second, third, call({ caller: 'customer:bob', service: 'payment', orderId })]);
    await keeps(4);
    const page = await listed('caller=customer:alice&limit=2');
    expect(page.items.map(({ id }) => id)).toEqual([third!.id, second!.id]);
    expect((await listed(`caller=customer:alice&limit=2&after=${page.next}`)).items.map(({ id }) => id)).toEqual([first!.id]);
    expect((await listed('service=payment')).items).toMatchObject([{ caller: 'customer:bob', orderId }]);
    expect((await listed(`orderId=${orderId}`)).items).toHaveLength(1);
  });

  it('has the calls to the console itself, which say who was there', async () => {
    await desk.get('/dead-letters', asOperator('olga'));
    await eventually(async () => {
      const { items } = await listed('service=console&caller=operator:olga');
      expect(items).toContainEqual(
        expect.objectContaining({ method: 'GET', route: '/dead-letters', status: 200, caller: 'operator:olga' }),
      );
    });
  });
});

describe('a day of activity', () => {
  const days = () =>
    desk.rows.query<{ name: string }[]>(
      `SELECT inhrelid::regclass::text AS name FROM pg_inherits WHERE inhparent = 'activity'::regclass ORDER BY 1`,
    );

  it('is a table of its own, from yesterday to three days ahead', async () => {
    expect(await days()).toHaveLength(5);
    await desk.app.get(ActivityPartitions).turnOver();
    expect(await days()).toHaveLength(5);
  });

  it('is forgotten as a whole when it was kept for its time, and not before', async () => {
    const dayBefore = async (ago: number) => {
      const utc = (daysAgo: number) => new Date(Date.now() - daysAgo * 86_400_000).toISOString().slice(0, 10);
      const name = `activity_${utc(ago).replaceAll('-', '')}`;
      await desk.rows.query(
        `CREATE TABLE ${name} PARTITION OF activity FOR VALUES FROM ('${utc(ago)} 00:00+00') TO ('${utc(ago - 1)} 00:00+00')`,
      );
      return name;
    };
    // Kept for 14 days: the day that began 15 days ago ended 14 days ago at the latest.
    const [old, young] = [await dayBefore(15), await dayBefore(13)];
    expect(await desk.app.get(ActivityPartitions).turnOver()).toBe(1);
    const left = (await days()).map(({ name }) => name);
    expect(left).toContain(young);
    expect(left).not.toContain(old);
    expect(await desk.rows.query(`SELECT forget_activity('0 days') AS forgotten`)).toEqual([{ forgotten: 1 }]);
    expect(await days()).toHaveLength(5);
  });
});
