import { Injectable } from '@nestjs/common';
import { v7 as uuidv7 } from 'uuid';
import { answer, answerOnce, problem, type Answer, type IdempotentRequest } from '#libs/http';
import { Transactions } from '#libs/messaging';
import { lockPayments, startAttempts, updatePayments, type LockedPayment } from '../payment/payments.js';
import { viewPayment } from '../payment/payment-view.js';

/** One transaction: the idempotency key, the attempt, and the command to capture it. */
@Injectable()
export class PayOrder {
  constructor(private readonly transactions: Transactions) {}

  /** @throws Problem when the payment cannot be attempted in the state it is in */
  async pay(paymentId: string, paymentMethod: string, request: IdempotentRequest): Promise<Answer> {
    return this.transactions.run((tx) =>
      answerOnce(tx, request, async () => {
        const [payment] = await lockPayments(tx.manager, 'id', [paymentId]);
        if (!payment) throw problem('order-not-found', 'There is no such order.');
        refuseUnlessPayable(payment);
        payment.apply('attempted');
        await updatePayments(tx.manager, [payment]);
        await startAttempts(tx, [{ id: uuidv7(), payment, paymentMethod }]);
        const stored = await viewPayment(tx.manager, paymentId);
        return answer(202, stored!.view, { location: `/payments/${paymentId}` });
      }),
    );
  }
}

function refuseUnlessPayable({ status, orderEnded }: LockedPayment): void {
  if (orderEnded) throw problem('order-not-payable', 'The order was cancelled or has expired.');
  switch (status) {
    case 'open':
      return;
    case 'review':
      throw problem('payment-in-progress', 'A person is looking into the payment of this order.');
    case 'authorising':
      throw problem('payment-in-progress', 'An attempt at this payment is under way. Wait for its outcome.');
    case 'captured':
      throw problem('order-already-paid', 'The order is paid.');
    case 'refunding':
    case 'refunded':
    case 'voided':
      throw problem('order-not-payable', `The payment of this order is ${status}.`);
  }
}
