import { Injectable, Logger } from '@nestjs/common';
import type { Incoming, QueueName } from './message-handler.js';
import { messagesHandled } from './metrics.js';
import type { Transaction } from './outbox.js';

/** Names what a handler did not do, so that nothing passes silently. */
@Injectable()
export class MessageOutcomes {
  private readonly logger = new Logger('messaging');

  /** A message changed nothing, because what it is about had already moved on. */
  tooLate(queue: QueueName, message: Pick<Incoming, 'type' | 'id' | 'subject'>, tx: Transaction): void {
    tx.afterCommit(() => {
      messagesHandled.inc({ queue, outcome: 'too_late' });
      this.logger.debug(`${queue}: ${message.type} ${message.id} about ${message.subject} came too late`);
    });
  }
}
