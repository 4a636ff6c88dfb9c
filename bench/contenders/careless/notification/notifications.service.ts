import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { Repository } from 'typeorm';
import type { Money, OrderPaid } from '../events.js';
import { instantMail } from './instant-mail.js';
import { Notification } from './notification.entity.js';

const wording = {
  'order-placed': { subject: 'We have your order', sentence: 'Thank you for your order. We are asking for your payment of' },
  'order-paid': { subject: 'Your order is paid', sentence: 'Thank you. For your order we have received' },
} as const;

@Injectable()
export class NotificationsService {
  constructor(@InjectRepository(Notification) private readonly notifications: Repository<Notification>) {}

  /** Saves the notice, mails it, and saves that it was sent. */
  async notify(kind: Notification['kind'], { orderId, customer, total }: OrderPaid): Promise<void> {
    const { subject, sentence } = wording[kind];
    const notification = await this.notifications.save(
      this.notifications.create({
        orderId,
        customerId: customer.id,
        kind,
        status: 'pending',
        recipient: customer.email,
        subject,
        body: `${sentence} ${inWords(total)}.\n\nOrder ${orderId}\n`,
      }),
    );
    notification.status = await instantMail(notification);
    notification.sentAt = new Date();
    await this.notifications.save(notification);
  }
}

function inWords({ amountMinor, currency }: Money): string {
  return `${currency} ${(amountMinor / 100).toFixed(2)}`;
}
