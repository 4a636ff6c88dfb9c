import { z } from 'zod';

/**
 * An event has happened; whoever listens, listens. A command has exactly one receiver. A notice goes to every channel. A signal tells every
 * replica to look for itself.
 */
export type MessageKind = 'event' | 'command' | 'notice' | 'signal';

/**
 * What is promised of a message. It follows from its kind:
 * - `at-least-once`: outbox, confirm and manual acknowledgement; the receiver tells repeats apart;
 * - `effectively-once`: the same, and the receiver's inbox row, business rows and outbox rows share one transaction.
 */
export type DeliveryClass = 'at-least-once' | 'effectively-once';

/** One message that services say to each other. `name` is its type on the wire and its routing key. */
export interface MessageType<Name extends string = string, Data = unknown> {
  readonly name: Name;
  readonly kind: MessageKind;
  readonly delivery: DeliveryClass;
  /** Unknown members are accepted and dropped, so that a sender may add one before its receivers know it. */
  readonly schema: z.ZodType<Data>;
  readonly example: Data;
}

/** The data that messages of a type carry. */
export type DataOf<Type> = Type extends MessageType<string, infer Data> ? Data : never;

function declare(kind: MessageKind, delivery: DeliveryClass) {
  return <const Name extends string, Schema extends z.ZodType>(
    name: Name,
    declaration: { schema: Schema; example: z.output<Schema> },
  ): MessageType<Name, z.output<Schema>> => ({
    name,
    kind,
    delivery,
    schema: declaration.schema as unknown as z.ZodType<z.output<Schema>>,
    example: declaration.example,
  });
}

/** Declares an event: `<noun>.<past participle>.v<n>`. */
export const event = declare('event', 'effectively-once');
/** Declares a command: `<owner>.<verb>.v<n>`; a timeout is a command to oneself. */
export const command = declare('command', 'effectively-once');
/** Declares a notice: every channel gets its own copy and tells repeats apart by the event it is about. */
export const notice = declare('notice', 'at-least-once');
/** Declares a signal: whoever misses one has to find out by itself. */
export const signal = declare('signal', 'at-least-once');

/** An amount of money: integer minor units (cents) of an ISO 4217 currency. */
export const Money = z.object({ amountMinor: z.int().nonnegative(), currency: z.string().length(3) });
export type Money = z.infer<typeof Money>;

/** Whom an order belongs to, and where its news is sent. */
export const Customer = z.object({ id: z.string().min(1), email: z.string().min(3) });
export type Customer = z.infer<typeof Customer>;

/** An instant, ISO 8601 in UTC. */
export const Instant = z.iso.datetime();
