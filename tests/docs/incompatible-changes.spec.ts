import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { incompatibleChanges, type JsonSchema } from './incompatible-changes.spec-support.js';

const Line = z.object({ sku: z.string(), note: z.string().optional() });
const members = {
  id: z.uuid(),
  amount: z.int().nonnegative(),
  reason: z.enum(['late', 'operator']),
  method: z.string().max(60).optional(),
  lines: z.array(Line),
};
const published = z.object(members);
const schemaOf = (schema: z.ZodType) => z.toJSONSchema(schema, { io: 'input' }) as JsonSchema;
const changed = (change: Record<string, z.ZodType>) => z.object({ ...members, ...change });

const changes: [change: string, current: z.ZodType, judgement: string[]][] = [
  ['nothing', published, []],
  ['a member that may be left out is added', changed({ note: z.string().optional() }), []],
  ['one is added within a line', changed({ lines: z.array(Line.extend({ gift: z.boolean().optional() })) }), []],
  ['a description is added', changed({ amount: z.int().nonnegative().meta({ description: 'in cents' }) }), []],
  ['members stand in another order', z.object(Object.fromEntries(Object.entries(members).toReversed())), []],
  ['a required member is added', changed({ note: z.string() }), ['/note is new and required: messages of before lack it']],
  ['a required member is removed', published.omit({ id: true }), ['/id is gone: receivers of before may need it']],
  ['an optional member is removed', published.omit({ method: true }), ['/method is gone: receivers of before may need it']],
  [
    'a member is renamed',
    published.omit({ id: true }).extend({ orderId: z.uuid() }),
    ['/id is gone: receivers of before may need it', '/orderId is new and required: messages of before lack it'],
  ],
  [
    'an optional member becomes required',
    published.required({ method: true }),
    ['/method has become required: messages of before may lack it'],
  ],
  ['a required member becomes optional', published.partial({ id: true }), ['/id may be left out: receivers of before need it']],
  ['a type changes', changed({ amount: z.string() }), [expect.stringContaining('/amount: type was "integer" and is "string"')]],
  ['a member may be null', changed({ id: z.uuid().nullable() }), [expect.stringContaining('/id: ')]],
  [
    'a value of an enum is added',
    changed({ reason: z.enum(['late', 'operator', 'fraud']) }),
    ['/reason: enum was ["late","operator"] and is ["late","operator","fraud"]'],
  ],
  ['a value of an enum is removed', changed({ reason: z.enum(['late']) }), [expect.stringContaining('/reason: enum was')]],
  ['a text may be longer', changed({ method: z.string().max(80).optional() }), ['/method: maxLength was 60 and is 80']],
  ['a text must be shorter', changed({ method: z.string().max(20).optional() }), ['/method: maxLength was 60 and is 20']],
  ['a number has a lower bound no more', changed({ amount: z.int() }), [expect.stringContaining('/amount: minimum was 0')]],
  ['a format is dropped', changed({ id: z.string() }), [expect.stringContaining('/id: '), expect.stringContaining('/id: ')]],
  [
    'a member of a line becomes required',
    changed({ lines: z.array(Line.required()) }),
    ['/lines/*/note has become required: messages of before may lack it'],
  ],
  ['unknown members are refused', z.strictObject(members), ['/: additionalProperties was not given and is false']],
  [
    'a list becomes a map',
    changed({ lines: z.record(z.string(), Line) }),
    [expect.any(String), expect.any(String), expect.any(String), expect.any(String)],
  ],
];

describe('a change of a published message', () => {
  it.each(changes)('%s', (_change, current, judgement) => {
    const found = incompatibleChanges(schemaOf(published), schemaOf(current));
    // One change can be told in more than one way: the first ways are compared, and that there is none when there is none to tell.
    expect(found.slice(0, Math.max(judgement.length, 1))).toEqual(judgement);
  });
});
