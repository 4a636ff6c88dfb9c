import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { messageTypes, schemaOf } from '#libs/contracts';
import { root } from './documentation.spec-support.js';
import { incompatibleChanges, type JsonSchema } from './incompatible-changes.spec-support.js';

const folder = join(root, 'docs/reference/schemas');

describe('the published schemas of the messages', () => {
  it.each(messageTypes.map((type) => [type.name, type] as const))('%s is as it was, but for members that may be left out', (name, type) => {
    const file = join(folder, `${name}.json`);
    const current = schemaOf(type) as JsonSchema;
    const published = existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as JsonSchema) : undefined;
    // Before anything is written: what is published here is what others have built upon.
    expect(published ? incompatibleChanges(published, current) : [], `leave ${name} as it is and declare its next version`).toEqual([]);
    const text = `${JSON.stringify(current, undefined, 2)}\n`;
    if (process.env['UPDATE_DOCS'] === '1') writeFileSync(file, text);
    expect(readFileSync(file, 'utf8')).toBe(text);
  });

  it('are there for as long as their messages are; that one is forgotten is said by deleting its file', () => {
    const forgotten = readdirSync(folder).filter((file) => !messageTypes.some(({ name }) => file === `${name}.json`));
    expect(forgotten).toEqual([]);
  });
});
