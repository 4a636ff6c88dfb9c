import { expect } from 'vitest';
import { PaymentCaptured } from '#libs/contracts';
import { asOperator, eventually } from '#libs/testing';
import { Customer } from '../journeys/customer.spec-support.js';
import type { Racecourse } from './racecourse.spec-support.js';

/** The three that race for an order: the payment service learns that the money was taken, the deadline passes, the customer cancels. */
export type Runner = 'captured' | 'deadline' | 'cancel';

/** Which way the outcome takes to the payment service. The other one follows. */
export type Way = 'webhook' | 'response';

/** What happens while it is on that way. */
export type Fault = 'response lost' | 'crash before the commit' | 'crash after the commit';

const consumeLine = /:consume$/;

/** What the payment service's webhook said to the provider; null: nothing that arrived. */
type Receipt = number | null;

/** One order, and the three that race for it. Each comes back when it has taken effect, or has come too late. */
export class Race {
  private constructor(
    private readonly course: Racecourse,
    readonly customer: Customer,
    readonly orderId: string,
    readonly totalMinor: number,
    readonly attemptId: string,
  ) {}

  /** An order whose money the provider has taken, and about which it says nothing yet. */
  static async begin(course: Racecourse): Promise<Race> {
    const customer = new Customer(course.world);
    const { id, total } = await customer.place({ paymentMethod: 'pm_sim_held' });
    const attemptId = await eventually(async () => {
      const [intent] = await course.rows<{ attempt: string }>(
        'psp-simulator',
        `SELECT metadata->>'attempt_id' AS attempt FROM payment_intents WHERE status = 'succeeded' AND metadata->>'order_id' = $1`,
        [id],
      );
      expect(intent).toBeDefined();
      return intent!.attempt;
    });
    return new Race(course, customer, id, total.amountMinor, attemptId);
  }

  async deadline(isFirst: boolean): Promise<void> {
    await this.course.rows('order', `UPDATE orders SET payment_deadline = now() - interval '1 s' WHERE id = $1`, [this.orderId]);
    await this.isHandled('order.expire-order', await this.course.sayExpire(this.orderId));
    if (isFirst) await this.paymentHearsOfTheEnd();
  }

  /** @param refusal the problem that it has to be refused with; undefined: it has to be accepted */
  async cancel(refusal: string | undefined): Promise<void> {
    const response = await this.customer.cancel(this.orderId);
    const { type } = (await response.json()) as { type?: string };
    expect([response.status, type]).toEqual(refusal === undefined ? [200, undefined] : [409, refusal]);
    if (refusal === undefined) await this.paymentHearsOfTheEnd();
  }

  async captured(way: Way, fault: Fault): Promise<void> {
    if (way === 'webhook') await this.webhookComesFirst(fault);
    else await this.responseComesFirst(fault);
    const [event] = await this.captureEvents();
    await this.isHandled('order.settle-order', event!.id);
  }

  /** The capture as it was announced, each event once, with the message that made the payment service ask; none when it was told unasked. */
  async captureEvents(): Promise<{ id: string; askedBy: unknown }[]> {
    const { captures } = this.course;
    const isOurs = ({ body }: { body: unknown }) => (body as { orderId: string }).orderId === this.orderId;
    await captures.first(PaymentCaptured.name, isOurs, { within: 15_000 });
    const seen = captures.of(PaymentCaptured.name).filter(isOurs);
    const byId = new Map(seen.map(({ messageId, headers }) => [messageId ?? '', headers['cloudEvents_causationid']]));
    return [...byId].map(([id, askedBy]) => ({ id, askedBy }));
  }

  private async webhookComesFirst(fault: Fault): Promise<void> {
    const { world, webhookLine } = this.course;
    const provider = world.proxy('payment.psp');
    switch (fault) {
      case 'response lost':
        expect(await this.releaseWebhook()).toBe(200);
        await this.isSettled();
        await this.release('lose-answer');
        return;
      case 'crash before the commit': {
        const lock = await this.course.lockPayment(this.orderId);
        const receipt = this.releaseWebhook();
        await lock.waitedFor();
        // The command comes back too, and asks the provider again: the webhook is to be first all the same.
        provider.hold('client-to-server');
        await world.payment.kill();
        expect(await receipt).toBeNull();
        await lock.letGo();
        await this.course.restartPayment();
        await this.isSettled();
        await this.release('answer');
        provider.restore();
        break;
      }
      case 'crash after the commit': {
        webhookLine.hold('server-to-client');
        const receipt = this.releaseWebhook();
        await this.isSettled();
        await eventually(() => expect(webhookLine.heldBytes('server-to-client')).toBeGreaterThan(0));
        await world.payment.kill();
        webhookLine.cut();
        webhookLine.restore();
        expect(await receipt).toBeNull();
        await this.course.restartPayment();
        await this.release('answer');
      }
    }
    // The provider was not answered, so it tells again until it is.
    await eventually(async () =>
      expect(
        await this.course.rows(
          'psp-simulator',
          `SELECT last_status, tries > 1 AS again FROM deliveries JOIN events ON events.id = event_id
            WHERE type = 'payment_intent.succeeded' AND payment_intent IN (SELECT id FROM payment_intents WHERE metadata->>'order_id' = $1)`,
          [this.orderId],
        ),
      ).toEqual([{ last_status: 200, again: true }]),
    );
  }

  private async responseComesFirst(fault: Fault): Promise<void> {
    const { world } = this.course;
    const line = world.proxy('payment.rabbitmq');
    switch (fault) {
      case 'response lost':
        await this.release('lose-answer');
        break;
      case 'crash before the commit': {
        const lock = await this.course.lockPayment(this.orderId);
        await this.release('answer');
        await lock.waitedFor();
        await world.payment.kill();
        await lock.letGo();
        await this.course.restartPayment();
        break;
      }
      case 'crash after the commit':
        line.hold('client-to-server', consumeLine);
        await this.release('answer');
        await this.isSettled();
        await eventually(() => expect(line.heldBytes('client-to-server', consumeLine)).toBeGreaterThan(0));
        await world.payment.kill();
        // Else what was held would still go out.
        line.cut();
        line.restore();
        await this.course.restartPayment();
        await this.isKnown('payment.capture-payment');
    }
    await this.isSettled();
    expect(await this.releaseWebhook()).toBe(200);
  }

  /** The payment service has written down that the money was taken. */
  private async isSettled(): Promise<void> {
    await eventually(
      async () =>
        expect(await this.course.rows('payment', 'SELECT outcome FROM attempts WHERE id = $1', [this.attemptId])).toEqual([
          { outcome: 'captured' },
        ]),
      { within: 15_000 },
    );
  }

  private async paymentHearsOfTheEnd(): Promise<void> {
    await eventually(async () =>
      expect(await this.course.rows('payment', 'SELECT order_ended FROM payments WHERE order_id = $1', [this.orderId])).toEqual([
        { order_ended: true },
      ]),
    );
  }

  private async isHandled(consumer: string, messageId: string): Promise<void> {
    await eventually(
      async () =>
        expect(
          await this.course.rows('order', 'SELECT consumer FROM inbox WHERE consumer = $1 AND message_id = $2', [consumer, messageId]),
        ).toHaveLength(1),
      { within: 10_000 },
    );
  }

  /** A message came to the payment service again since it was started again, and was known. */
  private async isKnown(queue: string): Promise<void> {
    await eventually(async () => {
      const metrics = await (await fetch(`${this.course.world.payment.baseUrl}/metrics`)).text();
      const known = metrics.split('\n').filter((line) => line.startsWith('orderly_messages_handled_total') && line.includes('"duplicate"'));
      expect(known.join('\n')).toContain(`"${queue}"`);
    });
  }

  private async release(what: 'answer' | 'lose-answer'): Promise<void> {
    await this.tellProvider(what);
  }

  /** Comes back when the payment service has answered, or cannot any more. */
  private async releaseWebhook(): Promise<Receipt> {
    return (await this.tellProvider('webhook')).status ?? null;
  }

  private async tellProvider(what: string): Promise<{ status?: Receipt }> {
    const response = await fetch(`${this.course.world.psp.baseUrl}/_faults/release`, {
      method: 'POST',
      headers: { ...asOperator('race'), 'content-type': 'application/json' },
      body: JSON.stringify({ attemptId: this.attemptId, what }),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`the simulator released no ${what}: ${response.status} ${text}`);
    return JSON.parse(text) as { status?: Receipt };
  }
}
