import { setTimeout as wait } from 'node:timers/promises';
import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import type { Caller } from '#libs/http';

const patienceMs = 2_000;
/** The pauses between two looks double from the first to the longest. */
const firstPauseMs = 20;
const longestPauseMs = 320;

/** Finds the payment of an order for its customer, or for an operator. */
@Injectable()
export class PaymentOfOrder {
  constructor(private readonly database: DataSource) {}

  /**
   * The payment's id. An order is answered before its payment is opened, so this waits for that, up to 2 s. An order of somebody else is
   * waited for just as long: the time that the answer takes tells nothing.
   */
  async find(orderId: string, caller: Caller): Promise<string | undefined> {
    const customerId = caller.kind === 'customer' ? caller.id : null;
    const giveUpAt = performance.now() + patienceMs;
    for (let pauseMs = firstPauseMs; ; pauseMs = Math.min(pauseMs * 2, longestPauseMs)) {
      const [found]: { id: string }[] = await this.database.query(
        'SELECT id FROM payments WHERE order_id = $1 AND ($2::text IS NULL OR customer_id = $2)',
        [orderId, customerId],
      );
      if (found) return found.id;
      const leftMs = giveUpAt - performance.now();
      if (leftMs <= 0) return undefined;
      await wait(Math.min(pauseMs, leftMs));
    }
  }
}
