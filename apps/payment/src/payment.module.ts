import { Module, type DynamicModule } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { httpMigrations, idempotencyKeysKept } from '#libs/http';
import { inboxKept, MessagingModule, messagingMigrations } from '#libs/messaging';
import { databaseModule, Retention, ServiceModule, tlsFiles, type Kept } from '#libs/service';
import { BrowsePaymentsController } from './browse-payments/browse-payments.controller.js';
import { CapturePaymentConsumer } from './capture-payment/capture-payment.consumer.js';
import { PAYMENT_CONFIG, type PaymentConfig } from './config.js';
import { pspCircuitOpen } from './metrics.js';
import { CreatePayments1767225600000 } from './migrations/1767225600000-create-payments.js';
import { CreatePspBooks1767225600001 } from './migrations/1767225600001-create-psp-books.js';
import { AdmitUncertainty1767225600002 } from './migrations/1767225600002-admit-uncertainty.js';
import { IndexPspEvents1767225600003 } from './migrations/1767225600003-index-psp-events.js';
import { IndexOldEvents1767225600004 } from './migrations/1767225600004-index-old-events.js';
import { OpenPaymentConsumer } from './open-payment/open-payment.consumer.js';
import { PayOrder } from './pay-order/pay-order.js';
import { PayOrderController } from './pay-order/pay-order.controller.js';
import { Attempt, Payment, Refund } from './payment/payment.entity.js';
import { PaymentOfOrder } from './payment/payment-of-order.js';
import { PspEvents, pspEventsKept } from './psp/psp-events.js';
import { PspWebhookController } from './psp/psp-webhook.controller.js';
import { Psp } from './psp/psp.js';
import { StripePsp } from './psp/stripe-psp.js';
import { ReconcilePaymentsConsumer } from './reconcile-payments/reconcile-payments.consumer.js';
import { UnsettledCount } from './reconcile-payments/unsettled-count.js';
import { UnsettledPayments } from './reconcile-payments/unsettled-payments.js';
import { RefundPaymentConsumer } from './refund-payment/refund-payment.consumer.js';
import { RequestRefundController } from './refund-payment/request-refund.controller.js';
import { ViewPaymentController } from './view-payment/view-payment.controller.js';

export const entities = [Payment, Attempt, Refund];
export const migrations = [
  ...messagingMigrations,
  ...httpMigrations,
  CreatePayments1767225600000,
  CreatePspBooks1767225600001,
  AdmitUncertainty1767225600002,
  IndexPspEvents1767225600003,
  IndexOldEvents1767225600004,
];

/** What is not kept for ever. */
export const kept = (
  config: Pick<PaymentConfig, 'INBOX_KEPT_DAYS' | 'IDEMPOTENCY_KEYS_KEPT_HOURS' | 'PSP_EVENTS_KEPT_DAYS'>,
): readonly Kept[] => [
  inboxKept(config.INBOX_KEPT_DAYS),
  idempotencyKeysKept(config.IDEMPOTENCY_KEYS_KEPT_HOURS),
  pspEventsKept(config.PSP_EVENTS_KEPT_DAYS),
];

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
          migrationsUrl: config.DATABASE_MIGRATIONS_URL,
          tls: tlsFiles('DATABASE', config),
          poolSize: config.DATABASE_POOL_SIZE,
          connectAttempts: config.DATABASE_CONNECT_ATTEMPTS,
          applicationName: 'orderly-payment',
          entities,
          migrations,
          appendOnly: ['ledger_entries', 'payment_history', 'setting_changes'],
        }),
        MessagingModule.forRoot({
          service: 'payment',
          instance: config.INSTANCE,
          rabbitmqUrl: config.RABBITMQ_URL,
          rabbitmqDeployUrl: config.RABBITMQ_DEPLOY_URL,
          rabbitmqTls: tlsFiles('RABBITMQ', config),
          connectAttempts: config.RABBITMQ_CONNECT_ATTEMPTS,
          batchLimit: config.BATCH_SIZE,
          drainDeadlineMs: config.SHUTDOWN_DEADLINE_SECONDS * 500,
          runTime: config,
        }),
      ],
      controllers: [PayOrderController, BrowsePaymentsController, RequestRefundController, PspWebhookController, ViewPaymentController],
      providers: [
        { provide: PAYMENT_CONFIG, useValue: config },
        {
          provide: Psp,
          useFactory: () =>
            new StripePsp({
              baseUrl: config.PSP_BASE_URL,
              apiKey: config.PSP_API_KEY,
              timeoutMs: config.PSP_TIMEOUT_MS,
              concurrency: config.PSP_CONCURRENCY,
              onCircuit: (open) => pspCircuitOpen.set(open ? 1 : 0),
            }),
        },
        OpenPaymentConsumer,
        CapturePaymentConsumer,
        RefundPaymentConsumer,
        ReconcilePaymentsConsumer,
        UnsettledPayments,
        UnsettledCount,
        PspEvents,
        PaymentOfOrder,
        PayOrder,
        { provide: Retention, inject: [DataSource], useFactory: (database: DataSource) => new Retention(database, kept(config)) },
      ],
    };
  }
}
