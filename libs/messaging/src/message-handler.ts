import { RabbitHandler } from '@golevelup/nestjs-rabbitmq';
import type { DataOf, Envelope, MessageType, topology } from '#libs/contracts';
import type { Transaction } from './outbox.js';

/** A message as a handler sees it: parsed, validated, and new to this consumer. */
export type Incoming<Type extends MessageType = MessageType> =
  Type extends MessageType<infer Name>
    ? Omit<Envelope, 'type'> & {
        readonly type: Name;
        readonly data: DataOf<Type>;
        /** 1 for the first try, one more for each retry. */
        readonly attempt: number;
        /** The operator's replay that brought it back from the dead letters. */
        readonly replayId?: string;
      }
    : never;

type Queues = (typeof topology)['queues'];
/** The name of a queue in the topology. */
export type QueueName = keyof Queues;
/** What the consumer of a queue is handed: a union that `switch (message.type)` takes apart. */
export type MessageOf<Queue extends QueueName> = Incoming<Queues[Queue]['takes'][number]>;

/**
 * A handler of new messages, oldest first. Everything it does through `tx` commits together with the inbox rows of its messages, or
 * not at all; after the commit they are acknowledged. When it throws, the batch is rolled back and each message is tried alone.
 */
export type BatchHandler<Message = Incoming> = (messages: readonly Message[], tx: Transaction) => Promise<void>;

/** A message together with what was asked on its behalf and what the answer was. */
export interface Answered<Message, Intent, Answer> {
  readonly message: Message;
  readonly intent: Intent;
  readonly answer: Answer;
}

/**
 * For work that asks somebody outside, who may be slow, fail, or die halfway: the intent is committed, the question is asked outside
 * any transaction, and the outcome is committed with whichever other outcomes have come in by then. A crash at any point asks again, so
 * the question must carry a key by which its receiver knows a repeat.
 */
export interface AskingHandler<Message, Intent, Answer> {
  /** Commits what is about to be asked. A message left out of the answer needs no question: it is done. */
  intend(messages: readonly Message[], tx: Transaction): Promise<ReadonlyMap<Message, Intent>>;
  /** Asks. What it throws puts the message on the retry ladder. */
  ask(intent: Intent, message: Message): Promise<Answer>;
  /** Commits the outcomes; decorated with {@link Consumes}. */
  record(answered: readonly Answered<Message, Intent, Answer>[], tx: Transaction): Promise<void>;
}

/** What {@link Consumes} leaves on a method for the messaging module to find. */
export interface Consumption {
  readonly queue: QueueName;
  /** The most questions under way at once; present on the `record` method of an {@link AskingHandler}. */
  readonly askAtOnce?: number;
}

/** Makes a method the handler of a queue. Its messages, prefetch and batch size stand in the topology. */
export function Consumes(queue: QueueName, options: { askAtOnce?: number } = {}): MethodDecorator {
  return RabbitHandler({ ...options, queue, type: 'subscribe' }) as MethodDecorator;
}
