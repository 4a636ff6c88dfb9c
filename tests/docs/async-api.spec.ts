import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Parser } from '@asyncapi/parser';
import { Ajv } from 'ajv';
import formats from 'ajv-formats';
import { describe, expect, it } from 'vitest';
import { asyncApiDocument, envelopeToHeaders, topology } from '#libs/contracts';
import { root } from './documentation.spec-support.js';

const document = asyncApiDocument();

/** Errors and warnings. Less than that is, that AsyncAPI has a newer version. */
const mattering: readonly number[] = [0, 1];

async function complaintsAbout(described: object): Promise<string[]> {
  const diagnostics = await new Parser().validate(JSON.stringify(described));
  return diagnostics.filter(({ severity }) => mattering.includes(severity)).map(({ message, path }) => `${path.join('/')}: ${message}`);
}

describe('docs/reference/asyncapi.json, which UPDATE_DOCS=1 rewrites', () => {
  it('is what the contracts say now', () => {
    const file = join(root, 'docs/reference/asyncapi.json');
    const text = `${JSON.stringify(document, undefined, 2)}\n`;
    if (process.env['UPDATE_DOCS'] === '1') writeFileSync(file, text);
    expect(readFileSync(file, 'utf8')).toBe(text);
  });

  it('is a valid AsyncAPI document', async () => {
    expect(await complaintsAbout(document)).toEqual([]);
  });

  it('would not be one if it referred to what is not there', async () => {
    const { 'order.paid.v1': _, ...messages } = document.components.messages;
    expect(await complaintsAbout({ ...document, components: { ...document.components, messages } })).not.toEqual([]);
  });

  it.each(Object.values(document.components.messages).map((message) => [message.name, message] as const))(
    'has an example of %s that fits its schema, which is not met by anything',
    (_, { payload, examples }) => {
      const ajv = new Ajv({ strict: false });
      formats.default(ajv);
      const validate = ajv.compile(payload);
      expect(examples.map((example) => validate(example.payload) || ajv.errorsText(validate.errors))).toEqual([true]);
      expect(validate({})).toBe(false);
    },
  );

  it('has every exchange and queue that messages go through', () => {
    const exchanges = Object.values(topology.exchanges).map(({ name }) => name);
    expect(Object.keys(document.channels).toSorted()).toEqual([...exchanges, ...Object.keys(topology.queues)].toSorted());
  });

  it('has the headers that the envelope is written as', () => {
    const [id, time] = ['0199b3a0-0000-7000-8000-000000000001', '2026-01-01T12:00:00.000Z'];
    const least = { id, type: 'order.placed.v1', source: '/orderly/order', subject: id, time, correlationId: id };
    const most = { ...least, causationId: id, traceparent: '00-1-1-01', sequence: 1 };
    const { required, properties } = document.components.schemas['Envelope'] as { required: string[]; properties: object };
    expect(Object.keys(envelopeToHeaders(least)).toSorted()).toEqual(required.toSorted());
    expect(Object.keys(envelopeToHeaders(most)).toSorted()).toEqual(Object.keys(properties).toSorted());
  });
});
