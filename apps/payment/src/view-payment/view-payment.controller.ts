import { Controller } from '@nestjs/common';
import { MessagePattern, Payload } from '@nestjs/microservices';
import { DataSource, type EntityManager } from 'typeorm';
import { ViewPayment, type AnswerOf, type Happening } from '#libs/contracts';
import { happenedInMessaging } from '#libs/messaging';
import { viewPayment } from '../payment/payment-view.js';

/** Tells other services what this one knows of the payment of an order. */
@Controller()
export class ViewPaymentController {
  constructor(private readonly database: DataSource) {}

  @MessagePattern(ViewPayment.name)
  async viewPayment(@Payload() payload: unknown): Promise<AnswerOf<typeof ViewPayment>> {
    const { orderId, messageIds } = ViewPayment.question.parse(payload);
    const { manager } = this.database;
    const unsentAndHandled = messageIds ? await happenedInMessaging(manager, 'payment', { orderId, messageIds }) : [];
    const [found]: { id: string }[] = await manager.query('SELECT id FROM payments WHERE order_id = $1', [orderId]);
    const payment = found && (await viewPayment(manager, found.id));
    if (!payment) return { payment: null, happened: unsentAndHandled };
    const { view, customerId } = payment;
    if (!messageIds) return { payment: view, happened: [] };
    const history = await changes(view.id, manager);
    return {
      payment: view,
      happened: [
        ...(await requests(view.id, orderId, customerId, manager)),
        ...history,
        ...(await attempts(view.id, history, manager)),
        ...(await refunds(view.id, manager)),
        ...(await webhooks(
          [...view.attempts, ...view.refunds].map(({ id }) => id),
          manager,
        )),
        ...unsentAndHandled,
      ],
    };
  }
}

/** Calls whose idempotency keys are still kept; an operator's are looked for about when a refund was put on record. */
async function requests(paymentId: string, orderId: string, customerId: string, manager: EntityManager): Promise<Happening[]> {
  const rows: { method: string; path: string; caller: string; key: string; status: number; at: Date }[] = await manager.query(
    `SELECT method, path, caller, key, status, created_at AS at FROM idempotency_keys
      WHERE caller = $1 AND method = 'POST' AND path = $2
     UNION ALL
     SELECT DISTINCT method, path, caller, key, keys.status, created_at FROM refunds
       JOIN idempotency_keys AS keys ON created_at BETWEEN refunds.at - interval '5 s' AND refunds.at + interval '5 s'
      WHERE payment_id = $3 AND reason = 'operator' AND method = 'POST' AND path = $4`,
    [`customer:${customerId}`, `/orders/${orderId}/payments`, paymentId, `/payments/${paymentId}/refunds`],
  );
  return rows.map(({ method, path, caller, key, status, at }) => ({
    at: at.toISOString(),
    kind: 'request',
    what: `${method} ${path}`,
    id: `payment.request/${caller}/${key}`,
    details: { caller, idempotencyKey: key, answered: status },
  }));
}

async function changes(paymentId: string, manager: EntityManager): Promise<Happening[]> {
  const rows: { sequence: number; from: string | null; to: string; cause: string; at: Date }[] = await manager.query(
    'SELECT sequence, from_status AS "from", to_status AS "to", cause, at FROM payment_history WHERE payment_id = $1 ORDER BY sequence',
    [paymentId],
  );
  return rows.map(({ sequence, from, to, cause, at }) => ({
    at: at.toISOString(),
    kind: 'change',
    what: from === null ? `the payment is ${to}` : from === to ? `the payment stays ${to}` : `the payment goes from ${from} to ${to}`,
    id: `payment.v${sequence}`,
    sequence,
    details: { from, to, cause },
  }));
}

async function attempts(paymentId: string, history: readonly Happening[], manager: EntityManager): Promise<Happening[]> {
  const rows: {
    id: string;
    method: string;
    outcome: string;
    declineCode: string | null;
    lookups: number;
    askedAt: Date | null;
    at: Date;
  }[] = await manager.query(
    `SELECT id, payment_method AS method, outcome, decline_code AS "declineCode", lookups, asked_at AS "askedAt", at
         FROM attempts WHERE payment_id = $1 ORDER BY id`,
    [paymentId],
  );
  // One follows the other, and the history has each of them.
  const attempted = history.filter(({ details }) => details?.['cause'] === 'attempted');
  return rows.flatMap(({ id, method, outcome, declineCode, lookups, askedAt, at }, index): Happening[] => [
    {
      at: at.toISOString(),
      kind: 'attempt',
      what: `an attempt with ${method}: ${outcome}`,
      id,
      ...(attempted[index] && { causedBy: attempted[index].id }),
      details: { paymentMethod: method, outcome, lookups, ...(declineCode && { declineCode }) },
    },
    ...asked(id, askedAt, 'for the money'),
  ]);
}

async function refunds(paymentId: string, manager: EntityManager): Promise<Happening[]> {
  const rows: { id: string; reason: string; status: string; amountMinor: number; currency: string; askedAt: Date | null; at: Date }[] =
    await manager.query(
      `SELECT id, reason, status, amount_minor AS "amountMinor", currency, asked_at AS "askedAt", at
         FROM refunds WHERE payment_id = $1 ORDER BY at, id`,
      [paymentId],
    );
  return rows.flatMap(({ id, reason, status, amountMinor, currency, askedAt, at }): Happening[] => [
    {
      at: at.toISOString(),
      kind: 'refund',
      what: `a refund (${reason}): ${status}`,
      // That of late money bears the id of the message that brought it.
      id: `refund/${id}`,
      details: { refundId: id, status, amount: { amountMinor, currency } },
    },
    ...asked(`refund/${id}`, askedAt, 'to give money back'),
  ]);
}

function asked(id: string, askedAt: Date | null, what: string): Happening[] {
  return askedAt
    ? [{ at: askedAt.toISOString(), kind: 'question', what: `the provider is asked ${what}`, id: `${id}/asked`, causedBy: id }]
    : [];
}

async function webhooks(about: readonly string[], manager: EntityManager): Promise<Happening[]> {
  const rows: { id: string; type: string; attemptId: string | null; refundId: string | null; receivedAt: Date; applied: boolean }[] =
    await manager.query(
      `SELECT id, type, attempt_id AS "attemptId", refund_id AS "refundId", received_at AS "receivedAt", applied_at IS NOT NULL AS applied
         FROM psp_events WHERE coalesce(attempt_id, refund_id) = ANY($1::uuid[]) ORDER BY received_at LIMIT 100`,
      [about],
    );
  return rows.map(({ id, type, attemptId, refundId, receivedAt, applied }) => ({
    at: receivedAt.toISOString(),
    kind: 'webhook',
    what: `the provider tells ${type}`,
    id: `psp/${id}`,
    causedBy: attemptId ? `${attemptId}/asked` : `refund/${refundId}/asked`,
    details: { eventId: id, applied },
  }));
}
