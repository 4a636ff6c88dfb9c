import 'reflect-metadata';
import { Module } from '@nestjs/common';
import { HealthController } from './health.controller.js';
import { Order } from './order/order.entity.js';
import { OrdersController } from './order/orders.controller.js';
import { OrdersService } from './order/orders.service.js';
import { Product } from './order/product.entity.js';
import { clientsModule, databaseModules, startService } from './service.js';

@Module({
  imports: [...databaseModules(Product, Order), clientsModule('payment', 'notification')],
  controllers: [HealthController, OrdersController],
  providers: [OrdersService],
})
class OrderModule {}

await startService('order', OrderModule);
