import { Inject, Injectable, Logger } from '@nestjs/common';
import { Transactions, type Transaction } from '#libs/messaging';
import { Sweeper } from '#libs/service';
import { ORDER_CONFIG, type OrderConfig } from '../config.js';
import { overdueOrdersSwept } from '../metrics.js';
import { OrderMoves } from '../order/move-orders.js';
import { orderColumns, type Order } from '../order/order.entity.js';

const batch = 200;

/**
 * The net under the timers: expires what still awaits payment well after its deadline, because its message was lost with a queue. Several
 * replicas may sweep at once; each takes rows that no other holds.
 */
@Injectable()
export class OverdueOrders extends Sweeper {
  private readonly logger = new Logger(OverdueOrders.name);

  constructor(
    private readonly transactions: Transactions,
    @Inject(ORDER_CONFIG) private readonly config: OrderConfig,
  ) {
    super(config.OVERDUE_SWEEP_INTERVAL_MS);
  }

  protected async sweepAndReport(): Promise<void> {
    try {
      const expired = await this.sweep();
      if (expired > 0) this.logger.warn(`expired ${expired} overdue orders whose timers had not arrived`);
    } catch (error) {
      this.logger.warn(`could not look for overdue orders: ${String(error)}`);
    }
  }

  /** Expires every order that is overdue by more than the grace; returns how many there were. */
  async sweep(): Promise<number> {
    let expired = 0;
    for (;;) {
      const found = await this.transactions.run((tx) => this.expireBatch(tx));
      expired += found;
      overdueOrdersSwept.inc(found);
      if (found < batch || this.stopped) return expired;
    }
  }

  private async expireBatch(tx: Transaction): Promise<number> {
    const orders = await tx.manager.query<Order[]>(
      `SELECT ${orderColumns} FROM orders
       WHERE status = 'awaiting_payment' AND payment_deadline <= now() - make_interval(secs => $1)
       ORDER BY payment_deadline LIMIT $2 FOR UPDATE SKIP LOCKED`,
      [this.config.OVERDUE_GRACE_SECONDS, batch],
    );
    const moves = new OrderMoves(tx);
    for (const order of orders) moves.make(order, 'deadline');
    moves.save();
    return orders.length;
  }
}
