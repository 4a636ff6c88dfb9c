import { Injectable, Logger, type OnModuleInit } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { Sweeper } from '#libs/service';

const intervalMs = 10 * 60_000;

/** Sees to it that activity has a partition for each day that may come, and that days which are old are forgotten as a whole. */
@Injectable()
export class ActivityPartitions extends Sweeper implements OnModuleInit {
  private readonly logger = new Logger('activity');

  constructor(
    private readonly database: DataSource,
    private readonly keptDays: number,
  ) {
    super(intervalMs);
  }

  onModuleInit(): Promise<void> {
    return this.sweepAndReport();
  }

  /** Returns how many days were forgotten. The console itself may neither create nor drop a table: the functions are their owner's. */
  async turnOver(): Promise<number> {
    await this.database.query('SELECT prepare_activity()');
    const [{ forgotten }] = await this.database.query<[{ forgotten: number }]>('SELECT forget_activity($1::interval) AS forgotten', [
      `${this.keptDays} days`,
    ]);
    return forgotten;
  }

  protected override async sweepAndReport(): Promise<void> {
    const forgotten = await this.turnOver().catch((error: unknown) =>
      this.logger.warn(`partitions stay as they are for now: ${String(error)}`),
    );
    if (forgotten) this.logger.log(`${forgotten} days of activity were forgotten`);
  }
}
