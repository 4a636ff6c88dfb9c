import { setTimeout as sleep } from 'node:timers/promises';
import { randomUUID } from 'node:crypto';
import { asCustomer, eventually } from '#libs/testing';
import type { Plan } from './plan.js';

/** Where the services answer. */
export interface Addresses {
  readonly order: string;
  readonly payment: string;
}

/**
 * Lives one plan, as a customer does: over HTTP.
 * @returns the order's id
 */
export async function live(plan: Plan, number: number, addresses: Addresses): Promise<string> {
  const customer = `rush-${number}`;
  const call = async (url: string, body?: object): Promise<Response> =>
    fetch(url, {
      method: body ? 'POST' : 'GET',
      headers: { ...asCustomer(customer), 'idempotency-key': randomUUID(), 'content-type': 'application/json' },
      ...(body && { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(30_000),
    });
  const placed = await call(`${addresses.order}/orders`, {
    items: [{ sku: 'MUG-STONEWARE', quantity: 1 + (number % 5) }],
    email: `${customer}@example.com`,
    ...(plan.paymentMethod && { paymentMethod: plan.paymentMethod }),
    ...(plan.paymentWindowSeconds && { paymentWindowSeconds: plan.paymentWindowSeconds }),
  });
  if (placed.status !== 201) throw new Error(`placing answers ${placed.status}: ${await placed.text()}`);
  const { id } = (await placed.json()) as { id: string };
  if (plan.cancelAfterMs !== undefined) {
    await sleep(plan.cancelAfterMs);
    const cancelled = await fetch(`${addresses.order}/orders/${id}/cancel`, { method: 'POST', headers: asCustomer(customer) });
    if (cancelled.status !== 200) throw new Error(`cancelling ${id} answers ${cancelled.status}: ${await cancelled.text()}`);
  }
  if (plan.secondMethod !== undefined) {
    await eventually(
      async () => {
        const { status } = (await (await call(`${addresses.payment}/orders/${id}/payment`)).json()) as { status: string };
        if (status !== 'open') throw new Error(`the payment of ${id} is ${status}, not open after a decline`);
      },
      { within: 60_000, every: 200 },
    );
    const paid = await call(`${addresses.payment}/orders/${id}/payments`, { paymentMethod: plan.secondMethod });
    if (paid.status !== 202) throw new Error(`paying ${id} answers ${paid.status}: ${await paid.text()}`);
  }
  return id;
}
