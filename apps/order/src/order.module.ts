import { Module, type DynamicModule } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { DataSource } from 'typeorm';
import { CursorPages, httpMigrations, idempotencyKeysKept } from '#libs/http';
import { inboxKept, MessagingModule, messagingMigrations } from '#libs/messaging';
import { databaseModule, Retention, ServiceModule, tlsFiles, type Kept } from '#libs/service';
import { BrowseOrdersController } from './browse-orders/browse-orders.controller.js';
import { CancelOrderController } from './cancel-order/cancel-order.controller.js';
import { ORDER_CONFIG, type OrderConfig } from './config.js';
import { ExpireOrderConsumer } from './expire-order/expire-order.consumer.js';
import { OverdueCount } from './expire-order/overdue-count.js';
import { OverdueOrders } from './expire-order/overdue-orders.js';
import { FollowOrderController } from './follow-order/follow-order.controller.js';
import { FollowedOrders } from './follow-order/followed-orders.js';
import { CreateProducts1767225600000 } from './migrations/1767225600000-create-products.js';
import { CreateOrders1767225600001 } from './migrations/1767225600001-create-orders.js';
import { AddProductVersion1767225600002 } from './migrations/1767225600002-add-product-version.js';
import { Order, OrderHistory } from './order/order.entity.js';
import { UnknownSkusToo } from './place-order/known-skus.js';
import { PaymentWindow } from './place-order/payment-window.js';
import { PlaceOrder } from './place-order/place-order.js';
import { PlaceOrderController } from './place-order/place-order.controller.js';
import { ChangePriceController } from './products/change-price.controller.js';
import { ProductCache } from './products/product-cache.js';
import { Product } from './products/product.entity.js';
import { ProductsController } from './products/products.controller.js';
import { SettleOrderConsumer } from './settle-order/settle-order.consumer.js';
import { ViewOrderController } from './view-order/view-order.controller.js';

export const entities = [Product, Order, OrderHistory];
export const migrations = [
  ...messagingMigrations,
  ...httpMigrations,
  CreateProducts1767225600000,
  CreateOrders1767225600001,
  AddProductVersion1767225600002,
];

/** What is not kept for ever. */
export const kept = (config: Pick<OrderConfig, 'INBOX_KEPT_DAYS' | 'IDEMPOTENCY_KEYS_KEPT_HOURS'>): readonly Kept[] => [
  inboxKept(config.INBOX_KEPT_DAYS),
  idempotencyKeysKept(config.IDEMPOTENCY_KEYS_KEPT_HOURS),
];

/** The order service: everything it is made of, on one page. */
@Module({})
export class OrderModule {
  static with(config: OrderConfig): DynamicModule {
    return {
      module: OrderModule,
      imports: [
        ServiceModule.forRoot({ name: 'order', instance: config.INSTANCE }),
        databaseModule({
          url: config.DATABASE_URL,
          migrationsUrl: config.DATABASE_MIGRATIONS_URL,
          tls: tlsFiles('DATABASE', config),
          poolSize: config.DATABASE_POOL_SIZE,
          connectAttempts: config.DATABASE_CONNECT_ATTEMPTS,
          applicationName: 'orderly-order',
          entities,
          migrations,
          appendOnly: ['order_history', 'setting_changes'],
        }),
        TypeOrmModule.forFeature(entities),
        MessagingModule.forRoot({
          service: 'order',
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
      controllers: [
        ProductsController,
        ChangePriceController,
        PlaceOrderController,
        BrowseOrdersController,
        CancelOrderController,
        FollowOrderController,
        ViewOrderController,
      ],
      providers: [
        { provide: ORDER_CONFIG, useValue: config },
        { provide: CursorPages, useValue: new CursorPages(config.CURSOR_SECRET) },
        ProductCache,
        PaymentWindow,
        PlaceOrder,
        UnknownSkusToo,
        SettleOrderConsumer,
        ExpireOrderConsumer,
        FollowedOrders,
        OverdueOrders,
        OverdueCount,
        { provide: Retention, inject: [DataSource], useFactory: (database: DataSource) => new Retention(database, kept(config)) },
      ],
    };
  }
}
