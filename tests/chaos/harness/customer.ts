import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { asCustomer, asOperator } from '#libs/testing';
import { hashOf, type Act, type ClientLedger, type LedgerEntry } from './client-ledger.js';
import { customerOf, emailOf, partRefundMinor, type OrderPlan } from './plan.js';
import type { ChaosWorld, Replica } from './world.js';

/** How long a customer waits for an answer. */
const answerWithinMs = 6_000;

/** What the load needs to place orders. */
export interface Shop {
  readonly world: ChaosWorld;
  readonly ledger: ClientLedger;
  /** How long a customer goes on asking, in milliseconds. */
  readonly patienceMs: number;
  /** Ends every wait when the run is broken off. */
  readonly over: AbortSignal;
}

interface Asking {
  readonly act: Act;
  readonly service: 'order' | 'payment';
  readonly path: string;
  readonly body?: object;
  readonly key?: string;
  readonly orderId?: string;
  readonly operator?: boolean;
  /** Answers after which there is no point in asking again. */
  readonly final: (status: number) => boolean;
}

/** Somebody who orders, and repeats with the same key, at the other replica, whatever was not answered. */
export class Customer {
  readonly id: string;
  private turn: number;

  constructor(
    private readonly shop: Shop,
    private readonly plan: OrderPlan,
  ) {
    this.id = customerOf(plan.number);
    this.turn = plan.first;
  }

  /** Comes back when the story is over, or the customer has lost patience. */
  async live(): Promise<void> {
    const { story, pauseMs } = this.plan;
    const key = randomUUID();
    if (story === 'sends nonsense first') await this.misuse(randomUUID(), { items: [], email: 'nobody' });
    const placed = await this.place(key);
    if (placed?.id === undefined) return;
    const { id } = placed;
    switch (story) {
      case 'is declined and pays again':
        if (await this.sees(id, 'open', true)) await this.pay(id);
        break;
      case 'pays later':
        await this.pause(pauseMs);
        await this.pay(id);
        break;
      case 'cancels':
        await this.pause(pauseMs);
        await this.ask({ act: 'cancel', service: 'order', path: `/orders/${id}/cancel`, orderId: id, final: isAnswer });
        break;
      case 'gets some money back': {
        const payment = await this.sees(id, 'captured');
        if (payment) await this.getBack(id, payment);
        break;
      }
      case 'pays again what is paid':
        if (await this.sees(id, 'captured')) await this.pay(id);
        break;
      case 'uses a key again for something else':
        await this.misuse(key, { ...this.order(), items: [{ sku: 'COFFEE-GRINDER', quantity: 9 }] });
        break;
      case 'pays when ordering':
      case 'pays slowly':
      case 'never pays':
      case 'sends nonsense first':
    }
  }

  private order(): object {
    const { items, paymentMethod, paymentWindowSeconds } = this.plan;
    return {
      items,
      email: emailOf(this.plan.number),
      ...(paymentMethod && { paymentMethod }),
      ...(paymentWindowSeconds && { paymentWindowSeconds }),
    };
  }

  private place(key: string): Promise<LedgerEntry | undefined> {
    return this.ask({ act: 'place', service: 'order', path: '/orders', body: this.order(), key, final: isAnswer });
  }

  private pay(orderId: string): Promise<LedgerEntry | undefined> {
    return this.ask({
      act: 'pay',
      service: 'payment',
      path: `/orders/${orderId}/payments`,
      body: { paymentMethod: 'pm_card_visa' },
      key: randomUUID(),
      orderId,
      // Not opened yet is a matter of time.
      final: (status) => isAnswer(status) && status !== 404,
    });
  }

  private getBack(orderId: string, paymentId: string): Promise<LedgerEntry | undefined> {
    return this.ask({
      act: 'refund',
      service: 'payment',
      path: `/payments/${paymentId}/refunds`,
      body: { amount: { amountMinor: partRefundMinor, currency: 'EUR' } },
      key: randomUUID(),
      orderId,
      operator: true,
      final: isAnswer,
    });
  }

  private misuse(key: string, body: object): Promise<LedgerEntry | undefined> {
    return this.ask({ act: 'misuse', service: 'order', path: '/orders', body, key, final: isAnswer });
  }

  /** Looks until the payment is as it is awaited; gives its id back. */
  private async sees(orderId: string, status: string, afterADecline = false): Promise<string | undefined> {
    const deadline = Date.now() + this.shop.patienceMs;
    while (Date.now() < deadline && !this.shop.over.aborted) {
      const replica = this.nextReplica('payment');
      const payment = await look(`${replica.url}/orders/${orderId}/payment`, this.id);
      const isThere = payment?.status === status && (!afterADecline || payment.attempts.some(({ outcome }) => outcome === 'declined'));
      if (isThere) return payment.id;
      await this.pause(1_000);
    }
    return undefined;
  }

  /** Asks until there is an answer that will not change. @returns the last answer; undefined when there was none */
  private async ask({ act, service, path, body, key = '', orderId, operator, final }: Asking): Promise<LedgerEntry | undefined> {
    const text = body === undefined ? '' : JSON.stringify(body);
    const deadline = Date.now() + this.shop.patienceMs;
    for (let tries = 1; ; tries += 1) {
      const replica = this.nextReplica(service);
      const entry = await request(replica, {
        act,
        path,
        text,
        key,
        customer: this.id,
        headers: operator ? asOperator('chaos') : asCustomer(this.id),
        ...(orderId && { orderId }),
      });
      this.shop.ledger.write(entry);
      if (entry.status !== null && final(entry.status) && !isInProgress(entry.problem)) return entry;
      if (Date.now() > deadline || this.shop.over.aborted) return undefined;
      await this.pause(Math.min(250 * 2 ** Math.min(tries, 4), 3_000) * (0.5 + Math.random() / 2));
    }
  }

  private nextReplica(service: 'order' | 'payment'): Replica {
    const replicas = this.shop.world.replicasOf(service);
    this.turn += 1;
    return replicas[this.turn % replicas.length]!;
  }

  private async pause(ms: number): Promise<void> {
    await sleep(ms, undefined, { signal: this.shop.over }).catch(() => {});
  }
}

/** Anything but a server that cannot at present. */
const isAnswer = (status: number): boolean => status < 500 && status !== 429;
/** A key that is being worked on, and an attempt that is under way, are a matter of time. */
const isInProgress = (problem: string | undefined): boolean =>
  problem === '/problems/idempotency-key-in-use' || problem === '/problems/payment-in-progress';

interface PaymentSeen {
  readonly id: string;
  readonly status: string;
  readonly attempts: readonly { readonly outcome: string }[];
}

async function look(url: string, customer: string): Promise<PaymentSeen | undefined> {
  try {
    const response = await fetch(url, { headers: asCustomer(customer), signal: AbortSignal.timeout(answerWithinMs) });
    if (response.ok) return (await response.json()) as PaymentSeen;
    await response.body?.cancel();
    return undefined;
  } catch {
    return undefined;
  }
}

interface Answer {
  readonly id?: string;
  readonly type?: string;
  readonly status?: string | number;
  readonly total?: { readonly amountMinor: number };
  readonly amount?: { readonly amountMinor: number };
}

/** One request, and what to write down of it. Never throws. */
export async function request(
  replica: Replica,
  asked: { act: Act; path: string; text: string; key: string; customer: string; orderId?: string; headers: Record<string, string> },
): Promise<LedgerEntry> {
  const { act, path, text, key, customer, orderId } = asked;
  const at = Date.now();
  const known = { at, act, customer, key, bodyHash: hashOf(text), replica: replica.name };
  try {
    const response = await fetch(replica.url + path, {
      method: 'POST',
      headers: {
        ...asked.headers,
        ...(text !== '' && { 'content-type': 'application/json' }),
        ...(key !== '' && { 'idempotency-key': key }),
      },
      ...(text !== '' && { body: text }),
      signal: AbortSignal.timeout(answerWithinMs),
    });
    const answer = (await response.json()) as Answer;
    const amount = answer.total ?? answer.amount;
    const isPlaced = act === 'place' || act === 'storm';
    return {
      ...known,
      until: Date.now(),
      status: response.status,
      ...(response.ok ? { stands: String(answer.status) } : { problem: answer.type ?? '' }),
      ...(response.ok && answer.id !== undefined && { id: answer.id, orderId: isPlaced ? answer.id : (orderId ?? answer.id) }),
      ...(amount && { amountMinor: amount.amountMinor }),
      ...(response.headers.has('idempotency-replayed') && { replayed: true }),
    };
  } catch (error) {
    const { name, message, cause } = error as Error;
    const code = (cause as NodeJS.ErrnoException | undefined)?.code;
    return { ...known, ...(orderId && { orderId }), until: Date.now(), status: null, problem: code ?? `${name}: ${message}`.slice(0, 200) };
  }
}
