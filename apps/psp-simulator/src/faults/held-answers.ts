import { Injectable, type OnModuleDestroy } from '@nestjs/common';

/** What becomes of an answer that was held: it goes out, or the connection breaks. */
export type Fate = 'answer' | 'lose-answer';

/** Answers that wait until somebody says what becomes of them, by the attempt that they answer. */
@Injectable()
export class HeldAnswers implements OnModuleDestroy {
  private readonly waiting = new Map<string, (fate: Fate) => void>();

  /** Settles when somebody has decided. */
  hold(attemptId: string): Promise<Fate> {
    return new Promise((settle) => this.waiting.set(attemptId, settle));
  }

  /** @returns whether an answer to this attempt was held */
  release(attemptId: string, fate: Fate): boolean {
    const settle = this.waiting.get(attemptId);
    this.waiting.delete(attemptId);
    settle?.(fate);
    return settle !== undefined;
  }

  onModuleDestroy(): void {
    for (const attemptId of this.waiting.keys()) this.release(attemptId, 'lose-answer');
  }
}
