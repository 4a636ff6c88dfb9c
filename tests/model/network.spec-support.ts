import type { DataSource } from 'typeorm';
import { envelopeFromHeaders, topology, type MessageType } from '#libs/contracts';
import type { Incoming } from '#libs/messaging';
import type { ModelQueue } from './services.spec-support.js';

/** One copy of a message for one consumer. */
export interface Letter {
  readonly queue: ModelQueue;
  readonly message: Incoming;
  /** It waits for its time, so it can be lost with the queue that it waits in. */
  readonly isTimer: boolean;
  /** How often it was handled in vain. */
  failures: number;
}

interface OutboxRow {
  readonly headers: Record<string, unknown>;
  readonly body: string;
  readonly due: Date | null;
}

const queues = Object.entries(topology.queues as Record<string, { takes: readonly MessageType[] }>).filter(
  ([queue]) => !/^(notification|console)\./.test(queue),
) as [ModelQueue, { takes: readonly MessageType[] }][];

const types = new Map(
  Object.values(topology.queues).flatMap(({ takes }) => (takes as readonly MessageType[]).map((type) => [type.name, type])),
);

/** Between the outboxes and the consumers: a bag out of which messages come in any order, more than once, or much later. */
export class Network {
  readonly bag: Letter[] = [];
  /** Whatever was said, in the order of saying. */
  readonly said: Incoming[] = [];
  /** Every letter there ever was. */
  readonly letters: Letter[] = [];

  /** Does what the relay does: takes what transactions have left in an outbox. */
  async relay(database: DataSource, isOurs: (orderId: string) => boolean): Promise<void> {
    const [rows]: [(OutboxRow & { seq: number })[], number] = await database.query(
      'DELETE FROM outbox RETURNING seq, headers, body, due_at AS due',
    );
    for (const row of rows.toSorted((a, b) => a.seq - b.seq)) {
      const { headers, body, due } = row;
      const envelope = envelopeFromHeaders(headers);
      if (!isOurs(envelope.subject)) continue;
      const data = types.get(envelope.type)!.schema.parse(JSON.parse(body));
      const message = { ...envelope, data, attempt: 1 } as Incoming;
      this.said.push(message);
      for (const [queue, { takes }] of queues) {
        if (takes.some(({ name }) => name === message.type)) this.post({ queue, message, isTimer: due !== null, failures: 0 });
      }
    }
  }

  /** The broker delivers a message once more, for whatever reason. */
  repeat(letter: Letter): void {
    this.bag.push({ ...letter, failures: 0 });
  }

  remove(letter: Letter): void {
    const place = this.bag.indexOf(letter);
    if (place !== -1) this.bag.splice(place, 1);
  }

  private post(letter: Letter): void {
    this.letters.push(letter);
    this.bag.push(letter);
  }
}
