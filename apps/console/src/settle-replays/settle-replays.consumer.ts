import { Injectable } from '@nestjs/common';
import { Consumes, MessageOutcomes, type MessageOf, type Transaction } from '#libs/messaging';
import { isLegal } from '../letter/letter-state.js';
import { LetterMoves, lockLetters } from '../letter/letters.js';
import { replaysSettled } from '../metrics.js';

const queue = 'console.settle-replays';

/** Learns what became of the dead letters that were replayed. */
@Injectable()
export class SettleReplaysConsumer {
  constructor(private readonly outcomes: MessageOutcomes) {}

  @Consumes(queue)
  async settleReplays(messages: readonly MessageOf<typeof queue>[], tx: Transaction): Promise<void> {
    const replayIds = messages.map(({ data }) => data.replayId);
    const letters = await lockLetters(tx.manager, 'replay_id = ANY($1::uuid[])', [replayIds]);
    const moves = new LetterMoves(tx.manager);
    for (const message of messages) {
      const { replayId, outcome, queue: handledBy } = message.data;
      const letter = letters.find((one) => one.replayId === replayId);
      // Without a letter, it has been replayed once more since, which ends in its own way.
      if (!letter || !isLegal(letter.status, outcome)) {
        this.outcomes.tooLate(queue, message, tx);
        continue;
      }
      moves.make(letter, outcome, { replayId });
      tx.afterCommit(() => replaysSettled.inc({ queue: handledBy, outcome }));
    }
    await moves.save();
  }
}
