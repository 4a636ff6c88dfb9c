import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ViewPayment } from '#libs/contracts';
import { askService, eventually } from '#libs/testing';
import { startPaymentService, type PaymentService } from '../payment-service.spec-support.js';

describe('what the payment service says of an order', () => {
  let service: PaymentService;
  beforeAll(async () => {
    service = await startPaymentService();
  });
  afterAll(() => service?.stop());

  const view = async (orderId: string, messageIds?: string[]) =>
    ViewPayment.answer.parse(await askService(service.vhost.url, ViewPayment.name, { orderId, ...(messageIds && { messageIds }) }));

  it('is its changes, attempts, what the provider was asked and has told, refunds, and who called', async () => {
    const orderId = await service.placed('pm_card_chargeDeclined');
    await eventually(async () => expect((await service.paymentOf(orderId)).attempts).toMatchObject([{ outcome: 'declined' }]));
    await service.pay(orderId, 'pm_card_visa', { key: 'paying' });
    const { id: paymentId } = await service.becomes(orderId, 'captured');
    await service.requestRefund(paymentId, { amount: { amountMinor: 100, currency: 'EUR' } }, { key: 'refunding' });
    await eventually(async () => expect((await service.paymentOf(orderId)).refunds).toMatchObject([{ status: 'succeeded' }]));
    const { happened, payment } = await eventually(async () => {
      const found = await view(orderId, []);
      expect(found.happened.filter(({ kind }) => kind === 'webhook').length).toBeGreaterThanOrEqual(2);
      return found;
    });
    expect(payment).toEqual(await service.paymentOf(orderId));
    const [declined, captured] = payment!.attempts;
    const [refund] = payment!.refunds;
    const whats = (kind: string) => happened.filter((one) => one.kind === kind).map(({ what }) => what);
    expect(whats('request')).toEqual([`POST /orders/${orderId}/payments`, `POST /payments/${paymentId}/refunds`]);
    expect(happened.filter(({ kind }) => kind === 'change').map(({ details }) => details!['cause'])).toEqual([
      'opened',
      'attempted',
      'declined',
      'attempted',
      'captured',
      'part_refund_requested',
      'part_refunded',
    ]);
    expect(happened).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ kind: 'attempt', id: declined!.id, causedBy: 'payment.v2' }),
        expect.objectContaining({ kind: 'attempt', id: captured!.id, causedBy: 'payment.v4' }),
        expect.objectContaining({ kind: 'question', id: `${captured!.id}/asked`, causedBy: captured!.id }),
        expect.objectContaining({ kind: 'webhook', causedBy: `${captured!.id}/asked` }),
        expect.objectContaining({ kind: 'refund', id: `refund/${refund!.id}`, what: 'a refund (operator): succeeded' }),
        expect.objectContaining({ kind: 'webhook', causedBy: `refund/${refund!.id}/asked` }),
      ]),
    );
    expect(new Set(happened.map(({ id }) => id)).size).toBe(happened.length);
    expect(JSON.stringify(happened)).not.toContain('@');
  });

  it('is nothing of an order that it does not know, and only the payment when nobody asks what happened', async () => {
    expect(await view(randomUUID(), [])).toEqual({ payment: null, happened: [] });
    const orderId = await service.placed();
    expect(await view(orderId)).toMatchObject({ payment: { orderId, status: 'open' }, happened: [] });
  });
});
