import { randomUUID } from 'node:crypto';
import type { TokenIssuer } from '#libs/issuer';
import type { ServiceName } from '../databases.js';

export interface OrderSeen {
  readonly id: string;
  readonly status: string;
  readonly total: { readonly amountMinor: number; readonly currency: string };
  readonly placedAt: string;
  readonly paymentDeadline: string;
  readonly history: readonly { readonly to: string; readonly cause: string; readonly at: string }[];
}

interface PaymentSeen {
  readonly status: string;
}

interface NotificationsSeen {
  readonly items: readonly { readonly kind: string; readonly status: string }[];
}

export interface OrderWish {
  readonly items: readonly { readonly sku: string; readonly quantity: number }[];
  readonly paymentMethod?: string;
  readonly paymentWindowSeconds?: number;
}

interface Answer<Body> {
  readonly status: number;
  readonly body: Body;
}

/** Longer than any story. */
const tokenSeconds = 3600;

/** Somebody who orders and pays over HTTP. Knows nothing but addresses, and has a token. */
export class Customer {
  readonly email: string;
  private readonly token: string;

  constructor(
    readonly id: string,
    private readonly addresses: Readonly<Record<ServiceName, string>>,
    issuer: TokenIssuer,
  ) {
    this.token = issuer.token(id, 'customer', tokenSeconds);
    this.email = `${id}@example.com`;
  }

  place(wish: OrderWish): Promise<Answer<OrderSeen>> {
    return this.post('order', '/orders', { ...wish, email: this.email });
  }

  pay(orderId: string, paymentMethod: string): Promise<Answer<PaymentSeen>> {
    return this.post('payment', `/orders/${orderId}/payments`, { paymentMethod });
  }

  async order(orderId: string): Promise<OrderSeen> {
    return (await this.call<OrderSeen>('order', `/orders/${orderId}`)).body;
  }

  async payment(orderId: string): Promise<PaymentSeen> {
    return (await this.call<PaymentSeen>('payment', `/orders/${orderId}/payment`)).body;
  }

  async notifications(orderId: string): Promise<NotificationsSeen['items']> {
    return (await this.call<NotificationsSeen>('notification', `/notifications?orderId=${orderId}`)).body.items;
  }

  private post<Body>(service: ServiceName, path: string, body: object): Promise<Answer<Body>> {
    const headers = { 'content-type': 'application/json', 'idempotency-key': randomUUID() };
    return this.call(service, path, { method: 'POST', headers, body: JSON.stringify(body) });
  }

  /** @throws when there is no answer within 10 s, or a refusal, with its words */
  private async call<Body>(service: ServiceName, path: string, request: RequestInit = {}): Promise<Answer<Body>> {
    const call = `${request.method ?? 'GET'} ${path}`;
    const response = await fetch(this.addresses[service] + path, {
      ...request,
      headers: { ...(request.headers as object), authorization: `Bearer ${this.token}` },
      signal: AbortSignal.timeout(10_000),
    }).catch((error: Error) => {
      throw new Error(`the ${service} service does not answer ${call}: ${error.message}`, { cause: error });
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`the ${service} service answers ${response.status} to ${call}: ${text}`);
    return { status: response.status, body: JSON.parse(text) as Body };
  }
}
