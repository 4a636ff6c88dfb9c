import { Inject, Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { ClientProxy } from '@nestjs/microservices';
import { InjectRepository } from '@nestjs/typeorm';
import { Repository } from 'typeorm';
import type { OrderPlaced, PaymentCaptured } from '../events.js';
import { client } from '../service.js';
import { instantProvider } from './instant-provider.js';
import { Payment } from './payment.entity.js';

@Injectable()
export class PaymentsService implements OnApplicationBootstrap {
  constructor(
    @InjectRepository(Payment) private readonly payments: Repository<Payment>,
    @Inject(client('order')) private readonly order: ClientProxy,
  ) {}

  async onApplicationBootstrap(): Promise<void> {
    await this.order.connect();
  }

  /** Opens the payment, asks the provider, and notes the outcome; there is no ledger, and no history of attempts. */
  async capture({ orderId, total, paymentMethod }: OrderPlaced): Promise<void> {
    const payment = await this.payments.save(this.payments.create({ orderId, status: 'pending', ...total, paymentMethod }));
    const { id: paymentId, amountMinor } = payment;
    const { outcome, reference } = await instantProvider({ paymentId, amountMinor, paymentMethod });
    payment.status = outcome;
    payment.pspReference = reference;
    await this.payments.save(payment);
    this.order.emit('payment.captured', { paymentId, orderId, amount: total } satisfies PaymentCaptured);
  }
}
