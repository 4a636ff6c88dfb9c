import { AsyncLocalStorage } from 'node:async_hooks';
import type { DataSource, EntityManager } from 'typeorm';

export type CrashPoint = 'before the commit' | 'after the commit';

/** The process has died here. */
export class Crash extends Error {
  override readonly name = 'Crash';
}

/** Holds a transaction that has done everything but commit. */
export class Gate {
  readonly reached: Promise<void>;
  private readonly released: Promise<void>;
  private reach!: () => void;
  release!: () => void;

  constructor() {
    this.reached = new Promise((resolve) => (this.reach = resolve));
    this.released = new Promise((resolve) => (this.release = resolve));
  }

  async hold(): Promise<void> {
    this.reach();
    await this.released;
  }
}

interface Plan {
  readonly crash?: CrashPoint | undefined;
  readonly gate?: Gate | undefined;
}

const plans = new AsyncLocalStorage<Plan>();

/** Does some work, whose transactions end as planned: here, and where this work itself is part of a plan. */
export function planned<Result>({ crash, gate }: Plan, work: () => Promise<Result>): Promise<Result> {
  const outer = plans.getStore();
  return plans.run({ crash: crash ?? outer?.crash, gate: gate ?? outer?.gate }, work);
}

/** Lets the transactions of a data source end as {@link planned}: after everything that the code does in them, outbox and all. */
export function makeCrashable(dataSource: DataSource): void {
  type Work = (manager: EntityManager) => Promise<unknown>;
  const transaction = (work: Work): Promise<unknown> => dataSource.manager.transaction(work);
  const crashable = async (work: Work): Promise<unknown> => {
    const plan = plans.getStore();
    const result = await transaction(async (manager) => {
      const answer = await work(manager);
      await plan?.gate?.hold();
      if (plan?.crash === 'before the commit') throw new Crash('before the commit');
      return answer;
    });
    if (plan?.crash === 'after the commit') throw new Crash('after the commit');
    return result;
  };
  Object.assign(dataSource, { transaction: crashable });
}
