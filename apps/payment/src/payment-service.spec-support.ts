import { randomUUID } from 'node:crypto';
import { connect } from 'amqplib';
import { types } from 'pg';
import { DataSource } from 'typeorm';
import { v7 as uuidv7 } from 'uuid';
import { expect } from 'vitest';
import {
  envelopeToHeaders,
  OrderPlaced,
  RefundPayment,
  topology,
  type CapturePayment,
  type DataOf,
  type MessageType,
  type Money,
  type RefundReason,
} from '#libs/contracts';
import { asCustomer, asOperator, emptyDatabase, eventually, freePort, MessageProbe, ServiceProcess, testVhost } from '#libs/testing';
import type { PaymentView } from './payment/payment-view.js';

export const customer = { id: 'alice', email: 'alice@example.com' };
export const total = { amountMinor: 2598, currency: 'EUR' };

const int8: number = types.builtins.INT8;

/** For the pool of a data source that a spec makes itself: amounts arrive as numbers, as they do in the service. */
export const amountsAsNumbers = {
  types: { getTypeParser: (oid: number, format?: 'text'): unknown => (oid === int8 ? Number : types.getTypeParser(oid, format)) },
};

/** How long `pm_card_slow` takes here. */
const slowCardMs = 900;

export type PaymentService = Awaited<ReturnType<typeof startPaymentService>>;

export const webhookSecret = 'whsec_for_tests_only';

/**
 * The payment service as a process, on a database and a vhost of its own, with the simulator for a provider and a test in the place of the
 * order service.
 * @param env more environment for the payment service
 */
export async function startPaymentService(env: Readonly<Record<string, string>> = {}) {
  const [vhost, database, pspDatabase] = await Promise.all([
    testVhost('payment'),
    emptyDatabase('payment'),
    emptyDatabase('psp_simulator'),
  ]);
  const [port, pspPort] = [await freePort(), await freePort()];
  const psp = await ServiceProcess.start('psp-simulator', {
    NODE_ENV: 'test',
    HTTP_PORT: String(pspPort),
    DATABASE_URL: pspDatabase.url,
    API_KEY: 'sk_test_orderly',
    WEBHOOK_URL: `http://127.0.0.1:${port}/webhooks/psp`,
    WEBHOOK_SECRET: webhookSecret,
    SLOW_CARD_MS: String(slowCardMs),
    FAULTS_ENABLED: 'true',
  });
  const service = await ServiceProcess.start('payment', {
    NODE_ENV: 'test',
    HTTP_PORT: String(port),
    DATABASE_URL: database.url,
    RABBITMQ_URL: vhost.url,
    PSP_BASE_URL: psp.baseUrl,
    PSP_API_KEY: 'sk_test_orderly',
    PSP_WEBHOOK_SECRET: webhookSecret,
    PSP_TIMEOUT_MS: '1500',
    ...env,
  });
  await Promise.all([service.ready(), psp.ready()]);
  const pspRows = await new DataSource({ type: 'postgres', url: pspDatabase.url, extra: amountsAsNumbers }).initialize();
  const rows = await new DataSource({ type: 'postgres', url: database.url, extra: amountsAsNumbers }).initialize();
  const events = await MessageProbe.listen(vhost.url, topology.exchanges.event.name);
  const broker = await connect(vhost.url);
  const channel = await broker.createConfirmChannel();

  async function publish<Type extends MessageType>(type: Type, data: DataOf<Type>, id: string = randomUUID()): Promise<void> {
    const subject = orderOf(data);
    const headers = envelopeToHeaders({
      id,
      type: type.name,
      source: '/test',
      subject,
      time: new Date().toISOString(),
      correlationId: subject,
    });
    channel.publish(topology.exchanges[type.kind].name, type.name, Buffer.from(JSON.stringify(data)), {
      headers,
      messageId: id,
      persistent: true,
    });
    await channel.waitForConfirms();
  }

  /** Delivers a message, and again once its effect was recorded, and comes back when the repeat was taken for the duplicate that it is. */
  async function deliver<Type extends MessageType>(type: Type, data: DataOf<Type>): Promise<void> {
    const queue = queueOf(type);
    const id = randomUUID();
    await publish(type, data, id);
    await eventually(async () =>
      expect(await rows.query('SELECT message_id FROM inbox WHERE consumer = $1 AND message_id = $2', [queue, id])).toHaveLength(1),
    );
    const before = await handled(queue, 'duplicate');
    await publish(type, data, id);
    await eventually(async () => expect(await handled(queue, 'duplicate')).toBeGreaterThan(before));
  }

  /** A counter of the service, by its name and the values of its labels. */
  async function counted(name: string, ...labels: string[]): Promise<number> {
    const metrics = await (await fetch(`${service.baseUrl}/metrics`)).text();
    const line = metrics
      .split('\n')
      .find((text) => /^\w+/.exec(text)?.[0] === name && labels.every((label) => text.includes(`"${label}"`)));
    return Number(line?.split(' ').at(-1) ?? 0);
  }

  function handled(queue: string, outcome: 'done' | 'duplicate' | 'too_late' | 'retried' | 'dead'): Promise<number> {
    return counted('orderly_messages_handled_total', queue, outcome);
  }

  function get(path: string, headers: Record<string, string> = asCustomer(customer.id)): Promise<Response> {
    return fetch(`${service.baseUrl}${path}`, { headers });
  }

  async function paymentOf(orderId: string): Promise<PaymentView> {
    const response = await get(`/orders/${orderId}/payment`);
    expect(response.status).toBe(200);
    return (await response.json()) as PaymentView;
  }

  return {
    service,
    psp,
    vhost,
    rows,
    pspRows,
    events,
    publish,
    deliver,
    counted,
    handled,
    get,
    paymentOf,

    /** Delivers the placing of an order and gives back its id. */
    async placed(paymentMethod?: string, order: { id?: string; total?: Money } = {}): Promise<string> {
      const orderId = order.id ?? randomUUID();
      const paymentDeadline = new Date(Date.now() + 3_600_000).toISOString();
      await deliver(OrderPlaced, {
        orderId,
        customer,
        total: order.total ?? total,
        paymentDeadline,
        ...(paymentMethod && { paymentMethod }),
      });
      return orderId;
    },

    /** Delivers the command to refund an order and gives back the refund's id. */
    async refund(orderId: string, reason: RefundReason): Promise<string> {
      const refundId = uuidv7();
      await deliver(RefundPayment, { orderId, refundId, reason });
      return refundId;
    },

    pay(orderId: string, paymentMethod: unknown, options: { customerId?: string; key?: string } = {}): Promise<Response> {
      const headers = {
        'content-type': 'application/json',
        ...asCustomer(options.customerId ?? customer.id),
        'Idempotency-Key': options.key ?? randomUUID(),
      };
      return fetch(`${service.baseUrl}/orders/${orderId}/payments`, { method: 'POST', headers, body: JSON.stringify({ paymentMethod }) });
    },

    /** Asks for a refund as an operator does. */
    requestRefund(paymentId: string, body: object, options: { operator?: string | null; key?: string } = {}): Promise<Response> {
      const { operator = 'olga' } = options;
      const headers = {
        'content-type': 'application/json',
        'Idempotency-Key': options.key ?? randomUUID(),
        ...(operator !== null && asOperator(operator)),
      };
      return fetch(`${service.baseUrl}/payments/${paymentId}/refunds`, { method: 'POST', headers, body: JSON.stringify(body) });
    },

    becomes(orderId: string, status: PaymentView['status'], within = 10_000): Promise<PaymentView> {
      return eventually(
        async () => {
          const payment = await paymentOf(orderId);
          expect(payment.status).toBe(status);
          return payment;
        },
        { within },
      );
    },

    /** What was said about an order, once there is something. */
    async said(type: string, orderId: string): Promise<unknown[]> {
      await events.first(type, ({ body }) => orderOf(body) === orderId);
      return events.of(type).flatMap(({ body }) => (orderOf(body) === orderId ? [body] : []));
    },

    /** What the provider really took and gave back for an order, by its own books. */
    pspBooks(orderId: string): Promise<{ outcome: string; amount: number }[]> {
      return pspRows.query(
        `SELECT 'captured' AS outcome, amount_received_minor AS amount FROM payment_intents
          WHERE metadata->>'order_id' = $1 AND status = 'succeeded'
         UNION ALL
         SELECT 'refunded', amount_minor FROM refunds WHERE metadata->>'order_id' = $1 AND status = 'succeeded'
         ORDER BY outcome`,
        [orderId],
      );
    },

    ledgerOf(orderId: string): Promise<{ account: string; amount: number }[]> {
      return rows.query(
        'SELECT account, sum(amount_minor)::bigint AS amount FROM ledger_entries WHERE order_id = $1 GROUP BY account ORDER BY account',
        [orderId],
      );
    },

    async stop(): Promise<void> {
      await broker.close();
      await events.close();
      const exit = await service.stop();
      await psp.stop();
      await Promise.all([rows.destroy(), pspRows.destroy()]);
      await Promise.all([database.drop(), pspDatabase.drop()]);
      await vhost.drop();
      expect(exit).toEqual({ code: 0, signal: null });
    },
  };
}

/** An attempt as it stands when its command was lost on the way, or its consumer died. */
export async function anAttempt(
  service: PaymentService,
  attempt: { id?: string; asked?: boolean; askedHoursAgo?: number; orderEnded?: boolean; paymentMethod?: string },
): Promise<DataOf<typeof CapturePayment>> {
  const command = { orderId: randomUUID(), paymentId: uuidv7(), attemptId: attempt.id ?? uuidv7() };
  await service.rows.query(
    `WITH payment AS (
       INSERT INTO payments (id, order_id, customer_id, customer_email, status, order_ended, amount_minor, currency, version, opened_at)
       VALUES ($1, $2, 'alice', 'alice@example.com', 'authorising', $3, 2598, 'EUR', 2, now()) RETURNING id
     )
     INSERT INTO attempts (id, payment_id, payment_method, outcome, asked_at, at)
     SELECT $4, id, $5, 'pending', CASE WHEN $6 THEN now() - $7 * interval '1 hour' END, now() FROM payment`,
    [
      command.paymentId,
      command.orderId,
      attempt.orderEnded ?? false,
      command.attemptId,
      attempt.paymentMethod ?? 'pm_card_visa',
      attempt.asked ?? false,
      attempt.askedHoursAgo ?? 0,
    ],
  );
  return command;
}

export const orderOf = (data: unknown): string => (data as { orderId: string }).orderId;

export async function problemOf(response: Response): Promise<[number, string]> {
  return [response.status, ((await response.json()) as { type: string }).type];
}

function queueOf(type: MessageType): string {
  const queues = Object.entries(topology.queues) as [string, { takes: readonly MessageType[] }][];
  const [queue] = queues.filter(([name, { takes }]) => name.startsWith('payment.') && takes.includes(type));
  if (!queue) throw new Error(`the payment service takes no ${type.name}`);
  return queue[0];
}
