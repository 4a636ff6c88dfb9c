import { z } from 'zod';
import type { MessageType } from './message.js';
import { onlyHeard, topology } from './topology.js';

/** Every message that somebody takes or hears, by name. */
export const messageTypes: readonly MessageType[] = [
  ...new Set<MessageType>([
    ...Object.values(topology.queues).flatMap(({ takes }): readonly MessageType[] => takes),
    ...onlyHeard(topology),
  ]),
].toSorted((a, b) => (a.name < b.name ? -1 : 1));

/** The JSON Schema of a message's data, under the name that its header `dataschema` gives. */
export function schemaOf(type: MessageType): Record<string, unknown> {
  // As input: unknown members are accepted.
  const { $schema, ...schema } = z.toJSONSchema(type.schema, { io: 'input' });
  return { $schema, $id: `/schemas/${type.name}`, title: type.name, ...schema, examples: [type.example] };
}
