import type { DataSource } from 'typeorm';
import type { AnswerOf, ViewOutbox } from '#libs/contracts';

/** What this service has yet to send. */
export class OutboxState {
  constructor(private readonly dataSource: DataSource) {}

  async read(): Promise<AnswerOf<ViewOutbox>> {
    const [row] = await this.dataSource.query<AnswerOf<ViewOutbox>[]>(
      `SELECT (SELECT count(*)::integer FROM outbox) AS waiting, (SELECT count(*)::integer FROM outbox_parked) AS parked,
              (SELECT round(extract(epoch FROM clock_timestamp() - at))::integer FROM outbox ORDER BY seq LIMIT 1) AS "oldestSeconds"`,
    );
    return row!;
  }
}
