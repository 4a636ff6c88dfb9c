import { Injectable } from '@nestjs/common';
import { NoticeIssued } from '#libs/contracts';
import { Consumes, type MessageOf, type Transaction } from '#libs/messaging';
import { wordingOf } from './wording.js';

/** Turns what happened to an order into one notice for its customer; the channels deliver it, each in its own way. */
@Injectable()
export class NotifyCustomerConsumer {
  @Consumes('notification.notify-customer')
  async notifyCustomers(messages: readonly MessageOf<'notification.notify-customer'>[], tx: Transaction): Promise<void> {
    for (const message of messages) {
      const wording = wordingOf(message);
      if (!wording) continue;
      const { orderId, customer } = message.data;
      tx.publish(
        NoticeIssued,
        { eventId: message.id, orderId, customer, ...wording, at: message.time },
        { subject: orderId, causedBy: message },
      );
    }
  }
}
