import { Injectable } from '@nestjs/common';
import type { Activity } from '#libs/contracts';
import { CollectsActivity, type Transaction } from '#libs/messaging';
import { activityRecorded } from '../metrics.js';

/** Keeps what callers did, in one statement for all that has arrived. */
@Injectable()
export class KeepActivity {
  @CollectsActivity()
  async keep(messages: readonly (readonly Activity[])[], tx: Transaction): Promise<void> {
    const kept: unknown[] = await tx.manager.query(
      // There are partitions for these days. What says to be of another is of a clock that is wrong, and counts as of this morning: of a
      // time that is the same when its message comes again.
      `INSERT INTO activity (id, at, service, instance, method, route, status, duration_ms, caller, order_id, trace_id)
       SELECT id, CASE WHEN at BETWEEN now() - interval '1 day' AND now() + interval '1 day' THEN at ELSE date_trunc('day', now()) END,
              service, instance, method, route, status, "durationMs", caller, "orderId", "traceId"
         FROM jsonb_to_recordset($1::jsonb) AS call (id uuid, at timestamptz, service text, instance text, method text, route text,
                status int, "durationMs" float8, caller text, "orderId" uuid, "traceId" text)
       ON CONFLICT (at, id) DO NOTHING RETURNING id`,
      [JSON.stringify(messages.flat())],
    );
    tx.afterCommit(() => activityRecorded.inc(kept.length));
  }
}
