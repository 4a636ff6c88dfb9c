import { databaseIsAway, problem } from '#libs/http';

interface Call<Item, Result> {
  readonly item: Item;
  readonly resolve: (result: Result) => void;
  readonly reject: (error: unknown) => void;
}

interface GroupCommitSettings<Item, Result> {
  /** The most that one group holds. */
  readonly most: number;
  /** How long the next group waits for the one before, in ms: one that waits for a lock holds up the others no longer than that. */
  readonly patienceMs: number;
  /** The most that wait for their turn; {@link mostWaiting} if left out. */
  readonly mostWaiting?: number;
  /** Commits a group and answers each of its items, in their order. */
  readonly commit: (items: readonly Item[]) => Promise<readonly Result[]>;
}

/** Five seconds of a thousand requests each: whoever comes behind these would be answered too late, and memory has an end. */
const mostWaiting = 5_000;

/**
 * Group commit: what arrives while others are being committed is committed together, next. No timer waits for more, so what comes alone
 * goes alone. When a group fails, each of its items is tried alone, and none of them has to answer for another.
 *
 * @see https://www.postgresql.org/docs/current/wal-configuration.html (the same idea, below the transaction)
 */
export class GroupCommit<Item, Result> {
  private readonly waiting: Call<Item, Result>[] = [];
  /** The group that is being committed, and has not lost our patience. */
  private awaited: symbol | undefined;
  private startsSoon = false;

  constructor(private readonly settings: GroupCommitSettings<Item, Result>) {}

  /**
   * Settles when the item's own group has been committed, or the item alone has failed.
   * @throws Problem `temporarily-unavailable` when too many wait already, as they do while the database has frozen
   */
  add(item: Item): Promise<Result> {
    if (this.waiting.length >= (this.settings.mostWaiting ?? mostWaiting)) {
      return Promise.reject(problem('temporarily-unavailable', 'Too many requests wait for the database. Try again in a moment.'));
    }
    return new Promise((resolve, reject) => {
      this.waiting.push({ item, resolve, reject });
      this.startSoon();
    });
  }

  /** After all that has arrived at once has been read. */
  private startSoon(): void {
    if (this.startsSoon || this.awaited || this.waiting.length === 0) return;
    this.startsSoon = true;
    setImmediate(() => {
      this.startsSoon = false;
      this.start();
    });
  }

  private start(): void {
    const { most, patienceMs } = this.settings;
    const group = Symbol();
    this.awaited = group;
    const goOn = () => {
      if (this.awaited === group) this.awaited = undefined;
      this.startSoon();
    };
    const impatience = setTimeout(goOn, patienceMs);
    void this.commit(this.waiting.splice(0, most)).finally(() => {
      clearTimeout(impatience);
      goOn();
    });
  }

  private async commit(calls: readonly Call<Item, Result>[]): Promise<void> {
    try {
      const results = await this.settings.commit(calls.map(({ item }) => item));
      calls.forEach(({ resolve }, index) => resolve(results[index]!));
    } catch (error) {
      if (calls.length === 1 || databaseIsAway(error)) for (const { reject } of calls) reject(error);
      else await Promise.all(calls.map((call) => this.commit([call])));
    }
  }
}
