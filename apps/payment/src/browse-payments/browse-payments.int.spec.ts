import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { OrderPlaced } from '#libs/contracts';
import { asCustomer, asOperator } from '#libs/testing';
import { PaymentView } from '../payment/payment-view.js';
import { customer, problemOf, startPaymentService, total, type PaymentService } from '../payment-service.spec-support.js';

describe('browsing payments', () => {
  let service: PaymentService;

  beforeAll(async () => {
    service = await startPaymentService();
  });
  afterAll(() => service.stop());

  it('shows a payment to its customer and to operators, and to nobody else', async () => {
    const { id } = await service.paymentOf(await service.placed());
    expect((await service.get(`/payments/${id}`)).status).toBe(200);
    expect((await service.get(`/payments/${id}`, asOperator('olga'))).status).toBe(200);
    expect(await problemOf(await service.get(`/payments/${id}`, asCustomer('mallory')))).toEqual([404, '/problems/payment-not-found']);
    expect(await problemOf(await service.get(`/payments/${randomUUID()}`))).toEqual([404, '/problems/payment-not-found']);
    expect(await problemOf(await service.get('/payments/17'))).toEqual([404, '/problems/payment-not-found']);
  });

  it('shows exactly what the contract promises, before and after', async () => {
    const orderId = await service.placed('pm_card_chargeDeclined');
    await service.said('payment.declined.v1', orderId);
    await service.pay(orderId, 'pm_card_visa');
    await service.becomes(orderId, 'captured');
    await service.refund(orderId, 'order_cancelled');
    const payment = await service.becomes(orderId, 'refunded');
    expect(PaymentView.strict().parse(payment)).toEqual(payment);
    expect(await (await service.get(`/payments/${payment.id}`)).json()).toEqual(payment);
  });

  it('shows one moment: the payment and its attempts always agree', async () => {
    const torn: PaymentView[] = [];
    async function follow(orderId: string): Promise<void> {
      for (;;) {
        const payment = await service.paymentOf(orderId);
        const captured = payment.attempts.some(({ outcome }) => outcome === 'captured');
        if (captured !== (payment.status === 'captured')) torn.push(payment);
        if (payment.status === 'captured' && captured) return;
      }
    }
    const orderIds = Array.from({ length: 60 }, () => randomUUID());
    const paymentDeadline = '2030-01-01T00:00:00.000Z';
    await Promise.all(
      orderIds.map(async (orderId) => {
        await service.publish(OrderPlaced, { orderId, customer, total, paymentDeadline, paymentMethod: 'pm_card_visa' });
        await follow(orderId);
      }),
    );
    expect(torn).toEqual([]);
  });

  it('documents every call with its answer', async () => {
    const { paths } = (await (await service.get('/docs-json')).json()) as {
      paths: Record<string, Record<string, { summary?: string; responses: object }>>;
    };
    const calls = Object.entries(paths).flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, operation]) => ({ call: `${method} ${path}`, operation })),
    );
    const answers: Record<string, string> = {
      'delete /settings/{name}': 'Setting',
      'get /orders/{id}/payment': 'Payment',
      'get /payments/{id}': 'Payment',
      'get /settings': 'SettingList',
      'post /orders/{id}/payments': 'Payment',
      'post /payments/{id}/refunds': 'Refund',
      'post /webhooks/psp': 'WebhookReceived',
      'put /settings/{name}': 'Setting',
    };
    expect(calls.map(({ call }) => call).toSorted()).toEqual(Object.keys(answers));
    for (const { call, operation } of calls) {
      expect(operation.summary).toBeTruthy();
      expect(JSON.stringify(operation.responses)).toContain(`#/components/schemas/${answers[call]}"`);
    }
  });
});
