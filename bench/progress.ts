import { dim, say } from '../demo/output.js';

/** Shows who has which turn: on a terminal one line that moves, elsewhere a line when it ends. */
export class Progress {
  private readonly startedAt = Date.now();
  private readonly live = process.stdout.isTTY;
  private title = '';
  private phase = '';
  private turnStartedAt = 0;
  private ticking: NodeJS.Timeout | undefined;

  /** @param title for example "Round 1 of 3, orderly" */
  begin(title: string): void {
    this.title = title;
    this.phase = '';
    this.turnStartedAt = Date.now();
    if (!this.live) return;
    this.ticking = setInterval(() => this.draw(), 200);
  }

  show(phase: string): void {
    this.phase = phase;
    if (this.live && this.ticking) this.draw();
  }

  /** @param outcome what came of it */
  end(outcome: string): void {
    this.stop();
    say(`${this.title}: ${outcome} ${dim(`(${elapsed(this.turnStartedAt)}, ${elapsed(this.startedAt)} in all)`)}`);
  }

  /** Shows nothing more. */
  stop(): void {
    clearInterval(this.ticking);
    this.ticking = undefined;
    if (this.live) process.stdout.write('\r\x1b[K');
  }

  private draw(): void {
    process.stdout.write(
      `\r\x1b[K${this.title}: ${this.phase} … ${elapsed(this.turnStartedAt)} ${dim(`(${elapsed(this.startedAt)} in all)`)}`,
    );
  }
}

/** Minutes and seconds. */
function elapsed(since: number): string {
  const seconds = Math.round((Date.now() - since) / 1000);
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;
}
