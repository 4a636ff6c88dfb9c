import { hash, randomUUID } from 'node:crypto';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { v7 as uuidv7 } from 'uuid';
import { defaultPaymentWindowSeconds, ExpireOrder, OrderPlaced } from '#libs/contracts';
import { PlaceOrderBody } from '../../../apps/order/src/place-order/place-order-body.js';
import { atDeadline, say, type Said } from './said.js';

const source = '/orderly/order';
export const currency = 'EUR';

export interface Product {
  readonly sku: string;
  readonly name: string;
  readonly price_minor: number;
}

/** A request, with the order that it becomes if its key is new, and the answer that it is given then. */
export interface Wish {
  readonly id: string;
  readonly customerId: string;
  readonly key: string;
  readonly fingerprint: string;
  readonly email: string;
  readonly paymentMethod: string;
  /** JSON. */
  readonly items: string;
  readonly totalMinor: number;
  readonly placedAt: string;
  readonly deadline: string;
  /** JSON. */
  readonly answer: string;
  readonly reply: FastifyReply;
}

/** Reads a request; undefined when it is no order with a payment method and the usual time to pay. */
export function wishOf({ body, headers }: FastifyRequest, reply: FastifyReply, products: ReadonlyMap<string, Product>): Wish | undefined {
  const { data } = PlaceOrderBody.safeParse(body);
  const { name: customerId, 'idempotency-key': key } = headers;
  if (!data?.paymentMethod || data.paymentWindowSeconds !== undefined) return undefined;
  if (typeof customerId !== 'string' || typeof key !== 'string') return undefined;
  const items = data.items.flatMap(({ sku, quantity }) => {
    const product = products.get(sku);
    return product ? [{ sku, name: product.name, quantity, priceMinor: product.price_minor }] : [];
  });
  if (items.length < data.items.length) return undefined;
  const id = uuidv7();
  const { email, paymentMethod } = data;
  const totalMinor = items.reduce((sum, { quantity, priceMinor }) => sum + quantity * priceMinor, 0);
  const now = Date.now();
  const placedAt = new Date(now).toISOString();
  const deadline = new Date(now + defaultPaymentWindowSeconds * 1000).toISOString();
  const answer = JSON.stringify({
    id,
    status: 'awaiting_payment',
    items: items.map(({ sku, name, quantity, priceMinor }) => ({ sku, name, quantity, price: { amountMinor: priceMinor, currency } })),
    total: { amountMinor: totalMinor, currency },
    email,
    placedAt,
    paymentDeadline: deadline,
  });
  // What was parsed has its members in the order of its schema, whatever order they came in.
  const fingerprint = hash('sha256', JSON.stringify(data));
  const order = { id, customerId, email, paymentMethod, items: JSON.stringify(items), totalMinor, placedAt, deadline };
  return { ...order, key, fingerprint, answer, reply };
}

/** The news of an order, and its clock. */
export function newsOf({ id: orderId, customerId, email, paymentMethod, totalMinor, deadline }: Wish): Said[] {
  const about = { source, subject: orderId, because: orderId, traceparent: newTrace() };
  const customer = { id: customerId, email };
  const total = { amountMinor: totalMinor, currency };
  const placed = { orderId, customer, total, paymentDeadline: deadline, paymentMethod };
  return [
    say(OrderPlaced, placed, { ...about, sequence: 1 }),
    atDeadline(say(ExpireOrder, { orderId }, about), deadline, 'order.expire-order'),
  ];
}

function newTrace(): string {
  const digits = () => randomUUID().replaceAll('-', '');
  return `00-${digits()}-${digits().slice(16)}-01`;
}
