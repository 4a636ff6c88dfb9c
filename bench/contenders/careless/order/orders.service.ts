import { BadRequestException, Inject, Injectable, NotFoundException, type OnApplicationBootstrap } from '@nestjs/common';
import { ClientProxy } from '@nestjs/microservices';
import { InjectRepository } from '@nestjs/typeorm';
import { In, Repository } from 'typeorm';
import type { OrderPaid, OrderPlaced, PaymentCaptured } from '../events.js';
import { client } from '../service.js';
import { Order } from './order.entity.js';
import type { PlaceOrderBody } from './orders.controller.js';
import { Product } from './product.entity.js';

const catalogue = [
  { sku: 'KETTLE-GOOSENECK', name: 'Gooseneck kettle', priceMinor: 7999, currency: 'EUR' },
  { sku: 'MUG-STONEWARE', name: 'Stoneware mug', priceMinor: 1299, currency: 'EUR' },
];

/** Saves, then emits: an order whose events don't reach the broker is never paid, and nobody hears of it. */
@Injectable()
export class OrdersService implements OnApplicationBootstrap {
  constructor(
    @InjectRepository(Order) private readonly orders: Repository<Order>,
    @InjectRepository(Product) private readonly products: Repository<Product>,
    @Inject(client('payment')) private readonly payment: ClientProxy,
    @Inject(client('notification')) private readonly notification: ClientProxy,
  ) {}

  async onApplicationBootstrap(): Promise<void> {
    await Promise.all([this.products.save(catalogue), this.payment.connect(), this.notification.connect()]);
  }

  async place({ items, email, paymentMethod }: PlaceOrderBody, customerId: string): Promise<Order> {
    const products = await this.products.findBy({ sku: In(items.map(({ sku }) => sku)) });
    const lines = items.map(({ sku, quantity }) => {
      const product = products.find((candidate) => candidate.sku === sku);
      if (!product) throw new BadRequestException(`There is no product ${sku}.`);
      return { sku, name: product.name, quantity, priceMinor: product.priceMinor };
    });
    const order = await this.orders.save(
      this.orders.create({
        customerId,
        email,
        status: 'awaiting_payment',
        items: lines,
        totalMinor: lines.reduce((total, { quantity, priceMinor }) => total + quantity * priceMinor, 0),
        currency: 'EUR',
      }),
    );
    const placed: OrderPlaced = { ...aboutOrder(order), paymentMethod };
    this.payment.emit('order.placed', placed);
    this.notification.emit('order.placed', placed);
    return order;
  }

  async markPaid({ orderId }: PaymentCaptured): Promise<void> {
    const order = await this.orders.findOne({ where: { id: orderId } });
    if (!order) throw new NotFoundException(`There is no order ${orderId}.`);
    order.status = 'paid';
    await this.orders.save(order);
    this.notification.emit('order.paid', aboutOrder(order) satisfies OrderPaid);
  }
}

function aboutOrder({ id, customerId, email, totalMinor, currency }: Order): OrderPaid {
  return { orderId: id, customer: { id: customerId, email }, total: { amountMinor: totalMinor, currency } };
}
