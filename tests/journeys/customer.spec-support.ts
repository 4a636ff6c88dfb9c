import { randomUUID } from 'node:crypto';
import { expect } from 'vitest';
import { asCustomer, eventually, type Mail, type World } from '#libs/testing';

export interface OrderSeen {
  readonly id: string;
  readonly status: string;
  readonly total: { amountMinor: number; currency: string };
  readonly placedAt: string;
  readonly paymentDeadline: string;
  readonly history: { sequence: number; from: string | null; to: string; cause: string; at: string }[];
}

export interface PaymentSeen {
  readonly id: string;
  readonly status: string;
  readonly attempts: { outcome: string; declineCode?: string }[];
  readonly refunds: { status: string; reason: string; amount: { amountMinor: number } }[];
}

/** Somebody who orders and pays over HTTP, and reads their mail. Knows nothing but addresses. */
export class Customer {
  readonly id = `customer-${randomUUID().slice(0, 8)}`;
  readonly email = `${this.id}@example.com`;

  constructor(private readonly world: World) {}

  async place(order: { paymentMethod?: string; paymentWindowSeconds?: number } = {}, key: string = randomUUID()): Promise<OrderSeen> {
    const body = { items: [{ sku: 'MUG-STONEWARE', quantity: 2 }], email: this.email, ...order };
    return this.read(201, this.post(this.world.order.baseUrl, '/orders', body, key));
  }

  async pay(orderId: string, paymentMethod: string): Promise<PaymentSeen> {
    return this.read(202, this.post(this.world.payment.baseUrl, `/orders/${orderId}/payments`, { paymentMethod }, randomUUID()));
  }

  cancel(orderId: string): Promise<Response> {
    return this.post(this.world.order.baseUrl, `/orders/${orderId}/cancel`);
  }

  order(orderId: string): Promise<OrderSeen> {
    return this.read(200, this.get(this.world.order.baseUrl, `/orders/${orderId}`));
  }

  payment(orderId: string): Promise<PaymentSeen> {
    return this.read(200, this.get(this.world.payment.baseUrl, `/orders/${orderId}/payment`));
  }

  /** Waits until the order is there. */
  sees(orderId: string, status: string, within = 10_000): Promise<OrderSeen> {
    return eventually(
      async () => {
        const order = await this.order(orderId);
        expect(order.status).toBe(status);
        return order;
      },
      { within },
    );
  }

  /** Waits until these mails have come, in any order, and no other. */
  async isTold(...subjects: RegExp[]): Promise<Mail[]> {
    return eventually(
      () => {
        const mails = this.world.mails.mails.filter(({ to }) => to.includes(this.email));
        const found = mails.map(({ subject }) => subject);
        expect(found).toHaveLength(subjects.length);
        for (const subject of subjects) expect(found).toContainEqual(expect.stringMatching(subject));
        return mails;
      },
      { within: 15_000 },
    );
  }

  private get(base: string, path: string): Promise<Response> {
    return fetch(base + path, { headers: asCustomer(this.id) });
  }

  private post(base: string, path: string, body?: object, key?: string): Promise<Response> {
    return fetch(base + path, {
      method: 'POST',
      headers: { ...asCustomer(this.id), ...(body && { 'content-type': 'application/json' }), ...(key && { 'idempotency-key': key }) },
      ...(body && { body: JSON.stringify(body) }),
    });
  }

  private async read<Body>(status: number, answer: Promise<Response>): Promise<Body> {
    const response = await answer;
    const text = await response.text();
    if (response.status !== status) throw new Error(`${response.status} instead of ${status}: ${text}`);
    return JSON.parse(text) as Body;
  }
}
