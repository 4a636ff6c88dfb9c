import { randomUUID } from 'node:crypto';
import {
  answerTo,
  notificationClient,
  orderClient,
  paymentClient,
  type NewOrder,
  type Notification,
  type Order,
  type OrderWithHistory,
  type Payment,
} from '#libs/client';
import type { TokenIssuer } from '#libs/issuer';
import type { ServiceName } from '../databases.js';

export type OrderWish = Omit<NewOrder, 'email'>;

/** Longer than any story. */
const tokenSeconds = 3600;

/** Somebody who orders and pays over HTTP. Knows nothing but addresses, and has a token. */
export class Customer {
  readonly email: string;
  private readonly orders: ReturnType<typeof orderClient>;
  private readonly payments: ReturnType<typeof paymentClient>;
  private readonly notices: ReturnType<typeof notificationClient>;

  constructor(
    readonly id: string,
    addresses: Readonly<Record<ServiceName, string>>,
    issuer: TokenIssuer,
  ) {
    const token = issuer.token(id, 'customer', tokenSeconds);
    this.email = `${id}@example.com`;
    this.orders = orderClient({ baseUrl: addresses.order, token });
    this.payments = paymentClient({ baseUrl: addresses.payment, token });
    this.notices = notificationClient({ baseUrl: addresses.notification, token });
  }

  place(wish: OrderWish): Promise<Order> {
    return answerTo(this.orders.POST('/orders', { params: { header: newKey() }, body: { ...wish, email: this.email } }));
  }

  pay(id: string, paymentMethod: string): Promise<Payment> {
    return answerTo(this.payments.POST('/orders/{id}/payments', { params: { path: { id }, header: newKey() }, body: { paymentMethod } }));
  }

  order(id: string): Promise<OrderWithHistory> {
    return answerTo(this.orders.GET('/orders/{id}', { params: { path: { id } } }));
  }

  payment(id: string): Promise<Payment> {
    return answerTo(this.payments.GET('/orders/{id}/payment', { params: { path: { id } } }));
  }

  async notifications(orderId: string): Promise<Notification[]> {
    return (await answerTo(this.notices.GET('/notifications', { params: { query: { orderId } } }))).items;
  }
}

const newKey = () => ({ 'Idempotency-Key': randomUUID() });
