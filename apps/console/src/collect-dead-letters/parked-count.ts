import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { Scrapes } from '#libs/service';
import { lettersParked } from '../metrics.js';

/** Counts the dead letters that wait for an operator, when somebody reads the metrics. */
@Injectable()
export class ParkedCount {
  constructor(scrapes: Scrapes, database: DataSource) {
    scrapes.register({ parked: lettersParked }, async () => {
      const [row]: { parked: number }[] = await database.query(
        `SELECT count(*)::integer AS parked FROM dead_letters WHERE status = 'parked'`,
      );
      return row!;
    });
  }
}
