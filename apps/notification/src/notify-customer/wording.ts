import type { NoticeKind } from '#libs/contracts';
import type { MessageOf } from '#libs/messaging';
import { moneyInWords } from './money.js';

/** An event that customers may want to hear of, as far as its wording needs it. */
export type News<Message = MessageOf<'notification.notify-customer'>> = Message extends { type: unknown; data: unknown }
  ? Pick<Message, 'type' | 'data'>
  : never;

/** What a customer is told, the same over every channel: plain text, nothing in it but our own words, amounts, instants and ids. */
export interface Wording {
  readonly kind: NoticeKind;
  readonly subject: string;
  readonly body: string;
}

/** The words for an event; none when another event tells the same. */
export function wordingOf(news: News): Wording | null {
  const say = (kind: NoticeKind, subject: string, ...sentences: string[]): Wording => ({
    kind,
    subject,
    body: `${sentences.join(' ')}\n\nOrder ${news.data.orderId}\n`,
  });
  switch (news.type) {
    case 'order.placed.v1': {
      const total = moneyInWords(news.data.total);
      const payment = news.data.paymentMethod
        ? `We are asking for your payment of ${total} now.`
        : `Please pay ${total} before ${instantInWords(news.data.paymentDeadline)}. An order that is not paid by then expires.`;
      return say('order-placed', 'We have your order', 'Thank you for your order.', payment);
    }
    case 'order.paid.v1':
      return say('order-paid', 'Your order is paid', `Thank you. We have received ${moneyInWords(news.data.total)} for your order.`);
    case 'order.cancelled.v1': {
      const money =
        news.data.cancelledFrom === 'paid'
          ? `Your ${moneyInWords(news.data.total)} are on their way back to you.`
          : 'There is nothing to pay.';
      return say('order-cancelled', 'Your order is cancelled', 'Your order is cancelled, as you asked.', money);
    }
    case 'order.expired.v1':
      return say('order-expired', 'Your order has expired', 'Your order was not paid in time and has expired. There is nothing to pay.');
    case 'order.refunded.v1':
      return say('order-refunded', 'Your money is back', `We have sent back all of the ${moneyInWords(news.data.total)} for your order.`);
    case 'payment.declined.v1':
      return say('payment-declined', 'Your payment was declined', ...declined(moneyInWords(news.data.amount), news.data.declineCode));
    case 'payment.refunded.v1':
      return refunded(news.data);
  }

  function refunded({
    reason,
    amount: all,
    refunded: back = all,
    left,
  }: Extract<News, { type: 'payment.refunded.v1' }>['data']): Wording | null {
    const amount = moneyInWords(back);
    if (reason === 'late_payment') {
      const why = `Your payment came after the order had ended, so we have sent back ${amount}.`;
      return say('payment-returned', 'We have returned your payment', why);
    }
    // That all of it is back is told once, by order.refunded.v1.
    if (!left?.amountMinor) return null;
    return say('payment-returned', 'We have returned a part of your payment', `We have sent back ${amount} of your payment.`);
  }
}

/** Known codes only: what the provider writes there is not meant for customers' eyes. */
function declined(amount: string, code: string): string[] {
  const why = code === 'insufficient_funds' ? ' because the account does not hold enough' : '';
  return [`Your payment of ${amount} was declined${why}.`, 'As long as the order has not expired, you can pay with another method.'];
}

/** `2026-11-22T12:15:00.000Z` -> `2026-11-22 12:15:00 UTC`. */
function instantInWords(instant: string): string {
  return `${new Date(instant).toISOString().slice(0, 19).replace('T', ' ')} UTC`;
}
