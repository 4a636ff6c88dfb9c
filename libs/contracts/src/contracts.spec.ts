import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as contracts from './index.js';
import { envelopeFromHeaders, envelopeToHeaders, MalformedEnvelope, onlyHeard, topology, type MessageType } from './index.js';

const messageTypes = (Object.values(contracts) as unknown[]).filter(
  (value): value is MessageType => typeof value === 'object' && value !== null && 'schema' in value && 'kind' in value,
);

describe.each(messageTypes.map((type) => [type.name, type] as const))('%s', (name, type) => {
  it('has a name that says what it is', () => {
    expect(name).toMatch(type.kind === 'command' ? /^[a-z]+\.[a-z]+\.v\d+$/ : /^[a-z-]+\.[a-z]+(ed|id|en)\.v\d+$/);
  });

  it('has an example that its own schema accepts', () => {
    expect(type.schema.parse(type.example)).toEqual(type.example);
  });

  it('accepts a member that a newer sender may add', () => {
    expect(type.schema.parse({ ...(type.example as object), addedLater: true })).toEqual(type.example);
  });

  it('is taken by somebody, and by exactly one when it is a command', () => {
    const takers = Object.values(topology.queues).filter(({ takes }) => (takes as readonly MessageType[]).includes(type));
    const heard = onlyHeard(topology).includes(type);
    expect(takers.length > 0).toBe(!heard);
    expect(takers.length).toBeLessThanOrEqual(type.kind === 'command' ? 1 : Infinity);
  });
});

describe('the envelope', () => {
  const text = fc.string({ minLength: 1 });
  const envelopes = fc.record(
    {
      id: fc.uuid(),
      type: text,
      source: text,
      subject: text,
      time: text,
      correlationId: text,
      causationId: text,
      traceparent: text,
      sequence: fc.nat(),
    },
    { requiredKeys: ['id', 'type', 'source', 'subject', 'time', 'correlationId'] },
  );

  it('comes out of the headers as it went in', () => {
    fc.assert(
      fc.property(envelopes, (envelope) => {
        expect(envelopeFromHeaders(envelopeToHeaders(envelope))).toEqual(envelope);
      }),
    );
  });

  it.each(['id', 'type', 'source', 'subject', 'time'])('is malformed without its %s, and says so', (attribute) => {
    const headers = envelopeToHeaders({
      id: '0199b3a0-0000-7000-8000-000000000001',
      type: 't',
      source: 's',
      subject: 'o',
      time: 'now',
      correlationId: 'c',
    });
    delete headers[`cloudEvents_${attribute}`];
    expect(() => envelopeFromHeaders(headers)).toThrow(new MalformedEnvelope(`the header cloudEvents_${attribute} is missing`));
  });

  it('has one id, in whichever case its sender writes it: the database answers in lowercase', () => {
    const headers = envelopeToHeaders({
      id: '0199B3A0-0000-7000-8000-00000000000A',
      type: 't',
      source: 's',
      subject: 'o',
      time: 'now',
      correlationId: 'c',
    });
    expect(envelopeFromHeaders(headers).id).toBe('0199b3a0-0000-7000-8000-00000000000a');
  });

  it('is malformed when its id is no UUID, because the inbox could not keep it', () => {
    expect(() => envelopeFromHeaders({ cloudEvents_id: '1' })).toThrow(MalformedEnvelope);
  });
});
