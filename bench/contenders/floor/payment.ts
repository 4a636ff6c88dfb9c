/** The payment service of the floor: opens payments, and captures them. */
import { v7 as uuidv7 } from 'uuid';
import { CapturePayment, PaymentCaptured, type DataOf, type OrderPlaced } from '#libs/contracts';
import { seenBy, step } from './outbox.js';
import { say, type Incoming } from './said.js';
import { openDatabase, Service } from './service.js';

const source = '/orderly/payment';

const service = await Service.open();
await service.consume('payment.open-payment', await openPayments());
await service.consume('payment.capture-payment', await capturePayments());
await service.serve();

async function openPayments() {
  const database = await openDatabase();
  const open = step(
    'open-payment',
    `${seenBy('payment.open-payment')}, wanted AS MATERIALIZED (
       SELECT * FROM unnest($8::uuid[], $9::uuid[], $10::uuid[], $11::text[], $12::text[], $13::bigint[], $14::text[], $15::uuid[], $16::text[])
         AS wanted (message_id, payment_id, order_id, customer_id, customer_email, amount_minor, currency, attempt_id, payment_method)
       WHERE message_id IN (SELECT id FROM seen)
     ), fresh AS (
       SELECT message_id AS id FROM wanted
     ), opened AS (
       INSERT INTO payments (id, order_id, customer_id, customer_email, status, order_ended, amount_minor, currency, version, opened_at)
       SELECT payment_id, order_id, customer_id, customer_email, 'authorising', false, amount_minor, currency, 2, now() FROM wanted
     ), history AS (
       INSERT INTO payment_history (payment_id, sequence, from_status, to_status, cause, at)
       SELECT payment_id, sequence, from_status, to_status, cause, now()
       FROM wanted, (VALUES (1, NULL, 'open', 'opened'), (2, 'open', 'authorising', 'attempted')) AS move (sequence, from_status, to_status, cause)
     ), attempted AS (
       INSERT INTO attempts (id, payment_id, payment_method, outcome, at)
       SELECT attempt_id, payment_id, payment_method, 'pending', now() FROM wanted
     )`,
  );
  return async (messages: readonly Incoming<DataOf<typeof OrderPlaced>>[]) => {
    const ids = messages.map(({ data: { orderId } }) => ({ orderId, paymentId: uuidv7(), attemptId: uuidv7() }));
    const said = messages.map((because, index) =>
      say(CapturePayment, ids[index]!, { source, subject: because.data.orderId, because, sequence: 2 }),
    );
    await service.outbox.commit(database, open, said, [
      messages.map(({ id }) => id),
      ids.map(({ paymentId }) => paymentId),
      ids.map(({ orderId }) => orderId),
      messages.map(({ data }) => data.customer.id),
      messages.map(({ data }) => data.customer.email),
      messages.map(({ data }) => data.total.amountMinor),
      messages.map(({ data }) => data.total.currency),
      ids.map(({ attemptId }) => attemptId),
      messages.map(({ data }) => data.paymentMethod),
    ]);
  };
}

/** An attempt that the provider is about to be asked about. */
interface Intent {
  readonly attemptId: string;
  readonly paymentId: string;
  readonly orderId: string;
  readonly customerId: string;
  readonly email: string;
  readonly amountMinor: string;
  readonly currency: string;
  readonly version: number;
}

const intend = {
  name: 'intend',
  text: `
    UPDATE attempts SET asked_at = coalesce(asked_at, now()) FROM payments
    WHERE attempts.id = ANY($1::uuid[]) AND payments.id = payment_id AND status = 'authorising'
    RETURNING attempts.id AS "attemptId", payment_id AS "paymentId", order_id AS "orderId", customer_id AS "customerId", customer_email AS email,
              amount_minor AS "amountMinor", currency, payments.version`,
};

/** The provider: has captured it. */
async function capture({ attemptId }: Intent): Promise<string> {
  return `pi_${attemptId}`;
}

async function capturePayments() {
  const database = await openDatabase();
  const record = step(
    'capture-payment',
    `${seenBy('payment.capture-payment')}, captured AS MATERIALIZED (
       SELECT * FROM unnest($8::uuid[], $9::uuid[], $10::uuid[], $11::text[]) AS captured (message_id, payment_id, attempt_id, reference)
       WHERE message_id IN (SELECT id FROM seen)
     ), fresh AS (
       UPDATE payments SET status = 'captured', version = version + 1 FROM captured WHERE payments.id = payment_id AND status = 'authorising'
       RETURNING message_id AS id, payment_id, attempt_id, reference, order_id, amount_minor, currency, version
     ), settled AS (
       UPDATE attempts SET outcome = 'captured', psp_reference = reference FROM fresh WHERE attempts.id = attempt_id
     ), history AS (
       INSERT INTO payment_history (payment_id, sequence, from_status, to_status, cause, at)
       SELECT payment_id, version, 'authorising', 'captured', 'captured', now() FROM fresh
     ), booked AS (
       INSERT INTO ledger_entries (transaction_id, payment_id, order_id, account, amount_minor, currency, at)
       SELECT attempt_id, payment_id, order_id, account, sign * amount_minor, currency, now()
       FROM fresh, (VALUES ('provider', 1), ('customer', -1)) AS side (account, sign)
     )`,
  );
  return async (messages: readonly Incoming<DataOf<typeof CapturePayment>>[]) => {
    const causes = new Map(messages.map((message) => [message.data.attemptId, message]));
    const { rows: intents } = await database.query<Intent>({ ...intend, values: [[...causes.keys()]] });
    const references = await Promise.all(intents.map(capture));
    const said = intents.map(({ attemptId, paymentId, orderId, customerId, email, amountMinor, currency, version }) => {
      const amount = { amountMinor: Number(amountMinor), currency };
      const captured = { paymentId, orderId, customer: { id: customerId, email }, amount, attemptId };
      return say(PaymentCaptured, captured, { source, subject: orderId, because: causes.get(attemptId)!, sequence: version + 1 });
    });
    await service.outbox.commit(database, record, said, [
      said.map(({ because }) => because),
      intents.map(({ paymentId }) => paymentId),
      intents.map(({ attemptId }) => attemptId),
      references,
    ]);
  };
}
