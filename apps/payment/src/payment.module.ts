import { Module, type DynamicModule } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { httpMigrations, IdempotencyKeyRetention } from '#libs/http';
import { MessagingModule, messagingMigrations } from '#libs/messaging';
import { databaseModule, ServiceModule } from '#libs/service';
import { BrowsePaymentsController } from './browse-payments/browse-payments.controller.js';
import { CapturePaymentConsumer } from './capture-payment/capture-payment.consumer.js';
import type { PaymentConfig } from './config.js';
import { CreatePayments1767225600000 } from './migrations/1767225600000-create-payments.js';
import { CreatePspBooks1767225600001 } from './migrations/1767225600001-create-psp-books.js';
import { OpenPaymentConsumer } from './open-payment/open-payment.consumer.js';
import { PayOrder } from './pay-order/pay-order.js';
import { PayOrderController } from './pay-order/pay-order.controller.js';
import { Attempt, Payment, Refund } from './payment/payment.entity.js';
import { PaymentOfOrder } from './payment/payment-of-order.js';
import { Psp } from './psp/psp.js';
import { ScriptedPsp } from './psp/scripted-psp.js';
import { RefundPaymentConsumer } from './refund-payment/refund-payment.consumer.js';

export const entities = [Payment, Attempt, Refund];
export const migrations = [...messagingMigrations, ...httpMigrations, CreatePayments1767225600000, CreatePspBooks1767225600001];

/** The payment service: everything it is made of, on one page. */
@Module({})
export class PaymentModule {
  static with(config: PaymentConfig): DynamicModule {
    return {
      module: PaymentModule,
      imports: [
        ServiceModule.forRoot({ name: 'payment', instance: config.INSTANCE }),
        databaseModule({
          url: config.DATABASE_URL,
          poolSize: config.DATABASE_POOL_SIZE,
          connectAttempts: config.DATABASE_CONNECT_ATTEMPTS,
          applicationName: 'orderly-payment',
          entities,
          migrations,
        }),
        MessagingModule.forRoot({
          service: 'payment',
          instance: config.INSTANCE,
          rabbitmqUrl: config.RABBITMQ_URL,
          connectAttempts: config.RABBITMQ_CONNECT_ATTEMPTS,
          drainDeadlineMs: config.SHUTDOWN_DEADLINE_SECONDS * 500,
        }),
      ],
      controllers: [PayOrderController, BrowsePaymentsController],
      providers: [
        {
          provide: Psp,
          useFactory: (database: DataSource) => new ScriptedPsp(database, config.PSP_SLOW_CARD_MS),
          inject: [DataSource],
        },
        OpenPaymentConsumer,
        CapturePaymentConsumer,
        RefundPaymentConsumer,
        PaymentOfOrder,
        PayOrder,
        IdempotencyKeyRetention,
      ],
    };
  }
}
