import type { EntityManager } from 'typeorm';
import { z } from 'zod';
import { InstantView, MoneyView } from '#libs/http';
import { attemptOutcomes, Payment, refundStatuses, type Refund } from './payment.entity.js';
import { paymentStatuses } from './payment-state.js';

/** Money on its way back, as its customer sees it. */
export const RefundView = z
  .object({
    id: z.uuid(),
    amount: MoneyView,
    reason: z
      .string()
      .meta({ description: '`order_cancelled`, `late_payment`, or what an operator has written.', examples: ['one mug was broken'] }),
    status: z.enum(refundStatuses),
    at: InstantView,
  })
  .meta({ id: 'Refund' });
export type RefundView = z.infer<typeof RefundView>;

/** A payment as its customer sees it. */
export const PaymentView = z
  .object({
    id: z.uuid(),
    orderId: z.uuid(),
    status: z.enum(paymentStatuses).meta({ id: 'PaymentStatus' }),
    amount: MoneyView,
    attempts: z.array(
      z.object({
        id: z.uuid(),
        paymentMethod: z.string().meta({ examples: ['pm_card_visa'] }),
        outcome: z.enum(attemptOutcomes).meta({
          description:
            '`pending`: the provider has not been asked yet, or has yet to decide. `unknown`: it gave no answer, which is being looked for, or one that a person has to look into.',
        }),
        declineCode: z
          .string()
          .optional()
          .meta({ description: 'Why it was declined, in the words of the provider.', examples: ['insufficient_funds'] }),
        at: InstantView,
      }),
    ),
    refunds: z.array(RefundView),
  })
  .meta({ id: 'Payment', description: 'The one payment of an order, with every attempt at it and everything that went back' });
export type PaymentView = z.infer<typeof PaymentView>;

export async function viewPayment(manager: EntityManager, id: string): Promise<{ customerId: string; view: PaymentView } | undefined> {
  // One statement, so one snapshot: read apart, a payment that is authorising can already have a captured attempt. (`findOne` makes two.)
  const [payment] = await manager.find(Payment, {
    where: { id },
    relations: { attempts: true, refunds: true },
    relationLoadStrategy: 'join',
  });
  return payment ? { customerId: payment.customerId, view: viewOf(payment) } : undefined;
}

function viewOf(payment: Payment): PaymentView {
  return {
    id: payment.id,
    orderId: payment.orderId,
    status: payment.status,
    amount: { amountMinor: payment.amountMinor, currency: payment.currency },
    // Ids are UUIDv7, so their order is the order of time.
    attempts: payment.attempts
      .toSorted((a, b) => (a.id < b.id ? -1 : 1))
      .map(({ id, paymentMethod, outcome, declineCode, at }) => ({
        id,
        paymentMethod,
        outcome,
        ...(declineCode && { declineCode }),
        at: at.toISOString(),
      })),
    refunds: payment.refunds.toSorted((a, b) => a.at.getTime() - b.at.getTime()).map(viewRefund),
  };
}

export function viewRefund({ id, amountMinor, currency, reason, note, status, at }: Refund): RefundView {
  return { id, amount: { amountMinor, currency }, reason: note ?? reason, status, at: at.toISOString() };
}
