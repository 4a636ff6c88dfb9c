import { Logger } from '@nestjs/common';
import type { DataSource } from 'typeorm';
import { topology } from '#libs/contracts';
import { MessageOutcomes, Transactions, type AskingHandler, type BatchHandler, type Incoming, type QueueName } from '#libs/messaging';
import { testDatabase, type TestDatabase } from '#libs/testing';
import { CancelOrderController } from '../../apps/order/src/cancel-order/cancel-order.controller.js';
import { ExpireOrderConsumer } from '../../apps/order/src/expire-order/expire-order.consumer.js';
import { OverdueOrders } from '../../apps/order/src/expire-order/overdue-orders.js';
import { entities as orderEntities, migrations as orderMigrations } from '../../apps/order/src/order.module.js';
import { PlaceOrder } from '../../apps/order/src/place-order/place-order.js';
import { SettleOrderConsumer } from '../../apps/order/src/settle-order/settle-order.consumer.js';
import { CapturePaymentConsumer } from '../../apps/payment/src/capture-payment/capture-payment.consumer.js';
import { OpenPaymentConsumer } from '../../apps/payment/src/open-payment/open-payment.consumer.js';
import { PayOrder } from '../../apps/payment/src/pay-order/pay-order.js';
import { PayOrderController } from '../../apps/payment/src/pay-order/pay-order.controller.js';
import { PaymentOfOrder } from '../../apps/payment/src/payment/payment-of-order.js';
import { entities as paymentEntities, migrations as paymentMigrations } from '../../apps/payment/src/payment.module.js';
import { amountsAsNumbers } from '../../apps/payment/src/payment-service.spec-support.js';
import { PspEvents, type EventOutcome } from '../../apps/payment/src/psp/psp-events.js';
import { PspWebhookController } from '../../apps/payment/src/psp/psp-webhook.controller.js';
import { StripePsp } from '../../apps/payment/src/psp/stripe-psp.js';
import { ReconcilePaymentsConsumer } from '../../apps/payment/src/reconcile-payments/reconcile-payments.consumer.js';
import { UnsettledPayments } from '../../apps/payment/src/reconcile-payments/unsettled-payments.js';
import { RefundPaymentConsumer } from '../../apps/payment/src/refund-payment/refund-payment.consumer.js';
import { RequestRefundController } from '../../apps/payment/src/refund-payment/request-refund.controller.js';
import { makeCrashable } from './crash-points.spec-support.js';
import { webhookSecret } from './provider.spec-support.js';

/** The queues of the two services; the customer's notices are nobody's money. */
export type ModelQueue = Exclude<QueueName, `${'notification' | 'console'}.${string}`>;

export type Consumer =
  | { readonly kind: 'batch'; readonly transactions: Transactions; readonly handle: BatchHandler }
  | { readonly kind: 'asking'; readonly transactions: Transactions; readonly handler: AskingHandler<Incoming, unknown, unknown> };

/** How long past its deadline an order, and past its time an attempt or refund, is left to its messages. */
export const graceSeconds = 60;

/** The order and the payment service without a broker and without HTTP: their real handlers on real databases. */
export class Services {
  readonly consumers: Readonly<Record<ModelQueue, Consumer>>;
  readonly places: PlaceOrder;
  readonly cancels: CancelOrderController;
  readonly overdueOrders: OverdueOrders;
  readonly pays: PayOrderController;
  readonly refunds: RequestRefundController;
  readonly webhook: PspWebhookController;
  readonly unsettledPayments: UnsettledPayments;
  /** What became of each delivery of the provider's events, by event. */
  readonly eventOutcomes = new Map<string, EventOutcome[]>();

  private constructor(
    private readonly orderDatabase: TestDatabase,
    private readonly paymentDatabase: TestDatabase,
  ) {
    const ofOrders = transactionsOf(this.orders, 'order');
    const ofPayments = transactionsOf(this.payments, 'payment');
    const outcomes = new MessageOutcomes();
    const orderConfig = { OVERDUE_SWEEP_INTERVAL_MS: 5_000, OVERDUE_GRACE_SECONDS: graceSeconds };
    this.places = new PlaceOrder(ofOrders, { seconds: 900 });
    this.cancels = new CancelOrderController(ofOrders);
    this.overdueOrders = new OverdueOrders(ofOrders, orderConfig as ConstructorParameters<typeof OverdueOrders>[1]);
    const settle = new SettleOrderConsumer(outcomes);
    const expire = new ExpireOrderConsumer(outcomes);

    const psp = new StripePsp({
      baseUrl: 'http://provider.example',
      apiKey: 'sk_test_of_the_model',
      timeoutMs: 10_000,
      concurrency: 64,
      // The breaker counts in real time; what it makes of a provider that is away is in the weather.
      circuit: { failures: Number.MAX_SAFE_INTEGER, halfOpenAfterMs: 1 },
    });
    const paymentConfig = { RECONCILE_GRACE_SECONDS: graceSeconds, PSP_WEBHOOK_SECRET: webhookSecret };
    const events = this.listening(new PspEvents(ofPayments, this.payments));
    this.webhook = new PspWebhookController(events, paymentConfig as ConstructorParameters<typeof PspWebhookController>[1]);
    this.unsettledPayments = new UnsettledPayments(ofPayments, events, paymentConfig as ConstructorParameters<typeof UnsettledPayments>[2]);
    this.pays = new PayOrderController(this.payments, new PaymentOfOrder(this.payments), new PayOrder(ofPayments));
    this.refunds = new RequestRefundController(this.payments, ofPayments);
    const open = new OpenPaymentConsumer(outcomes);

    this.consumers = {
      'order.settle-order': batch(ofOrders, settle.settleOrders.bind(settle)),
      'order.expire-order': batch(ofOrders, expire.expireOrders.bind(expire)),
      'payment.open-payment': batch(ofPayments, open.openPayments.bind(open)),
      'payment.capture-payment': asking(ofPayments, new CapturePaymentConsumer(psp, outcomes, this.payments)),
      'payment.refund-payment': asking(ofPayments, new RefundPaymentConsumer(psp, outcomes)),
      'payment.reconcile-payments': asking(ofPayments, new ReconcilePaymentsConsumer(psp, outcomes)),
    };
  }

  static async start(): Promise<Services> {
    // Nothing here has to survive the server, so no commit waits for the disk.
    const extra = { ...amountsAsNumbers, options: '-c synchronous_commit=off' };
    const [orders, payments] = await Promise.all([
      testDatabase({ name: 'model_order', entities: orderEntities, migrations: orderMigrations, extra }),
      testDatabase({ name: 'model_payment', entities: paymentEntities, migrations: paymentMigrations, extra }),
    ]);
    for (const { dataSource } of [orders, payments]) makeCrashable(dataSource);
    return new Services(orders, payments);
  }

  get orders(): DataSource {
    return this.orderDatabase.dataSource;
  }

  get payments(): DataSource {
    return this.paymentDatabase.dataSource;
  }

  async stop(): Promise<void> {
    await Promise.all([this.orderDatabase.drop(), this.paymentDatabase.drop()]);
  }

  private listening(events: PspEvents): PspEvents {
    const take = events.take.bind(events);
    return Object.assign(events, {
      take: async (event: Parameters<typeof take>[0]) => {
        const outcome = await take(event);
        this.eventOutcomes.set(event.id, [...(this.eventOutcomes.get(event.id) ?? []), outcome]);
        return outcome;
      },
    });
  }
}

function transactionsOf(database: DataSource, service: string): Transactions {
  return new Transactions(database, new Logger('model'), {
    source: `/orderly/${service}`,
    longestDelaySeconds: 2 ** topology.delay.levels - 1,
    mostGrouped: 100,
    onPublished: () => {},
  });
}

function batch(transactions: Transactions, handle: (messages: never, tx: never) => Promise<void>): Consumer {
  return { kind: 'batch', transactions, handle: handle as unknown as BatchHandler };
}

function asking(transactions: Transactions, handler: object): Consumer {
  return { kind: 'asking', transactions, handler: handler as AskingHandler<Incoming, unknown, unknown> };
}
