/**
 * Works on what comes in batches, one after the other: each is what has come while the one before was worked on. Nothing waits for more to
 * come, so what comes alone goes alone. Work that fails ends the process.
 */
export class Batches<Item> {
  private waiting: Item[] = [];
  private working = false;

  constructor(
    private readonly most: number,
    private readonly work: (batch: readonly Item[]) => Promise<void>,
  ) {}

  add(item: Item): void {
    this.waiting.push(item);
    if (this.working) return;
    this.working = true;
    // After all that came in one piece has been read.
    setImmediate(() => void this.workOff());
  }

  private async workOff(): Promise<void> {
    while (this.waiting.length > 0) await this.work(this.waiting.splice(0, this.most));
    this.working = false;
  }
}
