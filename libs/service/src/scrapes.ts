import { Injectable } from '@nestjs/common';
import type { Gauge } from 'prom-client';

/** A scraper gives up after ten seconds, and what else there is to read must reach it before. */
const readDeadlineMs = 2_000;

/** Knows what is looked up only when somebody reads the metrics. */
@Injectable()
export class Scrapes {
  private readonly reads: (() => Promise<void>)[] = [];

  /**
   * Gauges that are set together from what `read` finds. When it fails or takes too long they are not a number: no alert mistakes what
   * nobody knows for zero, or for what it was an hour ago.
   */
  register<Name extends string>(gauges: Readonly<Record<Name, Gauge>>, read: () => Promise<Readonly<Record<Name, number>>>): void {
    this.reads.push(async () => {
      const found = await inTime(read());
      for (const name of Object.keys(gauges) as Name[]) gauges[name].set(found?.[name] ?? Number.NaN);
    });
  }

  /** Looks everything up. Never throws, and takes no longer than a scraper waits. */
  async lookUp(): Promise<void> {
    await Promise.all(this.reads.map((read) => read()));
  }
}

async function inTime<Value>(reading: Promise<Value>): Promise<Value | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<undefined>((resolve) => {
    timer = setTimeout(() => resolve(undefined), readDeadlineMs);
  });
  try {
    return await Promise.race([reading.catch(() => undefined), late]);
  } finally {
    clearTimeout(timer);
  }
}
