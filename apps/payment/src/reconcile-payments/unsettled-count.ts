import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { Scrapes } from '#libs/service';
import { oldestUnsettledSeconds, unsettledAttempts } from '../metrics.js';

/** Counts what nobody knows the outcome of, when somebody reads the metrics. What a bank is working on may take days, and is no alarm. */
@Injectable()
export class UnsettledCount {
  constructor(scrapes: Scrapes, database: DataSource) {
    scrapes.register({ unsettled: unsettledAttempts, oldestSeconds: oldestUnsettledSeconds }, async () => {
      const [row]: { unsettled: number; oldestSeconds: number }[] = await database.query(
        `SELECT count(*)::integer AS unsettled, coalesce(extract(epoch FROM now() - min(at)), 0)::float8 AS "oldestSeconds"
           FROM (SELECT attempts.at FROM attempts JOIN payments ON payments.id = payment_id
                  WHERE outcome IN ('pending', 'unknown') AND payments.status = 'authorising'
                    AND (outcome = 'unknown' OR psp_reference IS NULL)
                 UNION ALL
                 SELECT refunds.at FROM refunds JOIN payments ON payments.id = payment_id
                  WHERE refunds.status = 'pending' AND payments.status IN ('captured', 'refunding') AND psp_reference IS NULL) AS open`,
      );
      return row!;
    });
  }
}
