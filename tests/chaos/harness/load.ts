import { setTimeout as sleep } from 'node:timers/promises';
import { Customer, type Shop } from './customer.js';
import { planOf, type OrderPlan } from './plan.js';

/** So many orders a second, whatever becomes of those before: an outage meets as many customers as a good day. */
export class Load {
  readonly plans: OrderPlan[] = [];
  private readonly underWay = new Set<Promise<void>>();
  private readonly ending = new AbortController();
  private running: Promise<void> | undefined;

  constructor(
    private readonly shop: Shop,
    private readonly options: { seed: number; orders: number; perSecond: number },
  ) {}

  start(): void {
    this.running = this.run();
  }

  /** Whether as many orders as were asked for have been begun. */
  get isFull(): boolean {
    return this.plans.length >= this.options.orders;
  }

  /** Customers whose story goes on. */
  get customers(): number {
    return this.underWay.size;
  }

  /** Begins nothing new, and comes back when every customer has done what they wanted, or lost patience. */
  async end(): Promise<void> {
    this.ending.abort();
    await this.running;
    await Promise.all(this.underWay);
  }

  private async run(): Promise<void> {
    const { seed, perSecond } = this.options;
    const startedAt = Date.now();
    const isOver = () => this.ending.signal.aborted || this.shop.over.aborted;
    for (let number = 1; !isOver(); number += 1) {
      const plan = planOf(seed, number);
      this.plans.push(plan);
      const life: Promise<void> = new Customer(this.shop, plan).live().finally(() => this.underWay.delete(life));
      this.underWay.add(life);
      const early = startedAt + (number * 1000) / perSecond - Date.now();
      if (early > 0) await sleep(early, undefined, { signal: this.ending.signal }).catch(() => {});
    }
  }
}
