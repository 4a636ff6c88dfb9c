import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { envelopeToHeaders, NoticeIssued, OrderPaid, topology } from '#libs/contracts';
import { Retention } from '#libs/service';
import { eventually } from '#libs/testing';
import { ConsoleFixture, orderId } from '../console.spec-support.js';

let desk: ConsoleFixture;
beforeAll(async () => {
  desk = await ConsoleFixture.start();
});
afterEach(() => desk.rows.query('TRUNCATE audit_trail'));
afterAll(() => desk?.stop());

const { event, notice } = topology.exchanges;

interface Row {
  message_id: string;
  exchange: string;
  type: string;
  source: string | null;
  subject: string | null;
  causation_id: string | null;
  sequence: number | null;
  data: string | null;
  size_bytes: number;
}

const trail = () => desk.rows.query<Row[]>('SELECT * FROM audit_trail ORDER BY recorded_at, message_id');
const recorded = (count: number) =>
  eventually(async () => {
    const rows = await trail();
    expect(rows).toHaveLength(count);
    return rows;
  });

const envelope = (type: string, id: string = randomUUID()) => ({
  id,
  type,
  source: '/orderly/order',
  subject: orderId,
  time: '2026-11-22T12:00:00.000Z',
  correlationId: orderId,
  causationId: 'a-cause',
  sequence: 2,
});

async function say(exchange: string, body: string | Buffer, headers: Record<string, unknown> = {}, key = 'some.key'): Promise<void> {
  desk.channel.publish(exchange, key, Buffer.from(body as string), { persistent: true, headers });
  await desk.channel.waitForConfirms();
}

describe('the audit trail', () => {
  it('records what is said, once however often it comes, and without e-mail addresses', async () => {
    const said = envelope(OrderPaid.name);
    const body = JSON.stringify(OrderPaid.example);
    await say(event.name, body, envelopeToHeaders(said), OrderPaid.name);
    await say(event.name, body, envelopeToHeaders(said), OrderPaid.name);
    await say(notice.name, JSON.stringify(NoticeIssued.example), envelopeToHeaders(envelope(NoticeIssued.name)), '');
    const rows = await recorded(2);
    expect(rows.find(({ message_id: id }) => id === said.id)).toMatchObject({
      exchange: event.name,
      type: OrderPaid.name,
      source: '/orderly/order',
      subject: orderId,
      causation_id: 'a-cause',
      sequence: 2,
      size_bytes: body.length,
    });
    expect(rows.map(({ type }) => type).toSorted()).toEqual([NoticeIssued.name, OrderPaid.name]);
    for (const { data } of rows) {
      expect(data).toContain(OrderPaid.example.orderId);
      expect(data).not.toContain('@');
    }
  });

  it('records types that it has never heard of, and what is no message at all', async () => {
    await say(event.name, '{"n":1}', envelopeToHeaders(envelope('order.admired.v9')), 'order.admired.v9');
    await say(event.name, Buffer.from([0xff, 0x00, 0xfe]), {}, 'no.message');
    await say(event.name, `"${'x'.repeat(70_000)}"`, { cloudEvents_time: 'noon', cloudEvents_sequence: 'two' }, 'too.large');
    const rows = await recorded(3);
    expect(rows.find(({ type }) => type === 'order.admired.v9')).toMatchObject({ data: '{"n":1}' });
    expect(rows.find(({ type }) => type === 'no.message')).toMatchObject({ data: null, source: null, subject: null, size_bytes: 3 });
    expect(rows.find(({ type }) => type === 'too.large')).toMatchObject({ data: null, sequence: null, size_bytes: 70_002 });
  });

  it('drops its oldest rather than have the broker refuse what services say', async () => {
    const { arguments: found } = (await desk.vhost.manage('GET', `/api/queues/{vhost}/${topology.auditTrail.queue}`)) as {
      arguments: Record<string, unknown>;
    };
    expect(found).toMatchObject({ 'x-overflow': 'drop-head', 'x-max-length': topology.auditTrail.maxLength });
    expect(found).not.toHaveProperty('x-dead-letter-exchange');
  });

  it('forgets after 30 days', async () => {
    await say(event.name, '1');
    await say(event.name, '2');
    await recorded(2);
    await desk.rows.query(`UPDATE audit_trail SET recorded_at = now() - interval '31 days' WHERE data = '1'`);
    expect(await desk.app.get(Retention).forget()).toMatchObject({ audit_trail: 1 });
    expect(await trail()).toMatchObject([{ data: '2' }]);
  });
});
