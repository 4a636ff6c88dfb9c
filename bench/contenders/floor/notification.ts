/** The notification service of the floor: words what is to be told, and tells it. */
import { v7 as uuidv7 } from 'uuid';
import { NoticeIssued, topology, type DataOf } from '#libs/contracts';
import { wordingOf, type News } from '../../../apps/notification/src/notify-customer/wording.js';
import { seenBy, step } from './outbox.js';
import { say, type Incoming } from './said.js';
import { openDatabase, Service } from './service.js';

const source = '/orderly/notification';

const service = await Service.open();
await service.consume('notification.notify-customer', await notifyCustomers());
await service.consume('notification.email', await sendMails());
// Nobody is told by webhook here.
await service.consume('notification.webhook', async () => {});
await service.overhear(topology.exchanges.notice.name);
await service.serve();

async function notifyCustomers() {
  const database = await openDatabase();
  const notify = step('notify-customer', `${seenBy('notification.notify-customer')}, fresh AS (SELECT id FROM seen)`);
  return async (messages: readonly Incoming<News['data']>[]) => {
    const said = messages.flatMap((because) => {
      const { id: eventId, type, time: at, data } = because;
      const { orderId, customer } = data;
      const wording = wordingOf({ type, data } as News);
      return wording ? [say(NoticeIssued, { eventId, orderId, customer, ...wording, at }, { source, subject: orderId, because })] : [];
    });
    await service.outbox.commit(database, notify, said, [messages.map(({ id }) => id)]);
  };
}

/** Written and claimed at once, for as long as the longest sending may take. */
const intend = {
  name: 'intend',
  text: `
    INSERT INTO notifications (id, event_id, order_id, customer_id, kind, channel, status, recipient, subject, body, at, claimed_until)
    SELECT id, event_id, order_id, customer_id, kind, 'email', 'pending', recipient, subject, body, at, now() + interval '13 s'
    FROM unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[], $9::timestamptz[])
      AS notice (id, event_id, order_id, customer_id, kind, recipient, subject, body, at)
    ON CONFLICT DO NOTHING RETURNING id`,
};

/** The mail server: has taken it. */
async function send(): Promise<'sent'> {
  return 'sent';
}

async function sendMails() {
  const database = await openDatabase();
  const record = step(
    'email',
    `${seenBy('notification.email')}, fresh AS (SELECT id FROM seen), told AS (
       UPDATE notifications SET status = outcome, claimed_until = NULL, sent_at = now()
       FROM unnest($9::uuid[], $10::text[]) AS mail (mail_id, outcome) WHERE id = mail_id
     )`,
  );
  return async (messages: readonly Incoming<DataOf<typeof NoticeIssued>>[]) => {
    const { rows } = await database.query<{ id: string }>({
      ...intend,
      values: [
        messages.map(() => uuidv7()),
        messages.map(({ data }) => data.eventId),
        messages.map(({ data }) => data.orderId),
        messages.map(({ data }) => data.customer.id),
        messages.map(({ data }) => data.kind),
        messages.map(({ data }) => data.customer.email),
        messages.map(({ data }) => data.subject),
        messages.map(({ data }) => data.body),
        messages.map(({ data }) => data.at),
      ],
    });
    const outcomes = await Promise.all(rows.map(send));
    await service.outbox.commit(database, record, [], [messages.map(({ id }) => id), rows.map(({ id }) => id), outcomes]);
  };
}
