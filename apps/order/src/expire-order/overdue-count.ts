import { Inject, Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { Scrapes } from '#libs/service';
import { ORDER_CONFIG, type OrderConfig } from '../config.js';
import { ordersOverdue } from '../metrics.js';

/** Counts the orders that should have expired, when somebody reads the metrics. */
@Injectable()
export class OverdueCount {
  constructor(scrapes: Scrapes, database: DataSource, @Inject(ORDER_CONFIG) { OVERDUE_GRACE_SECONDS: graceSeconds }: OrderConfig) {
    scrapes.register({ overdue: ordersOverdue }, async () => {
      const [row]: { overdue: number }[] = await database.query(
        `SELECT count(*)::integer AS overdue FROM orders
          WHERE status = 'awaiting_payment' AND payment_deadline <= now() - make_interval(secs => $1)`,
        [graceSeconds],
      );
      return row!;
    });
  }
}
