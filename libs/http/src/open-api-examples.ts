import { problems, type ProblemSlug } from './problem-details.js';

/** As much of a JSON Schema as an example needs. */
export interface Schema {
  readonly $ref?: string;
  readonly type?: string | readonly string[];
  readonly format?: string;
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly default?: unknown;
  readonly example?: unknown;
  readonly examples?: readonly unknown[];
  readonly anyOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
  readonly allOf?: readonly Schema[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly items?: Schema;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly exclusiveMinimum?: number;
}

const anId = '0199b3a0-0000-7000-8000-000000000001';
const byFormat: Readonly<Record<string, string>> = {
  uuid: anId,
  'date-time': '2026-01-01T12:00:00.000Z',
  email: 'alice@example.com',
  uri: 'https://shop.example/',
};

/**
 * An example of what a schema describes: its own where it has one (`.meta({ examples: […] })`), or else one made of those of its members.
 * A text that has none is called after its member, which fits no pattern: such a one needs its own.
 */
export function exampleOf(schema: Schema, components: Readonly<Record<string, Schema>>, name = 'text'): unknown {
  const of = (part: Schema, called = name): unknown => exampleOf(part, components, called);
  if (schema.examples?.length) return schema.examples[0];
  if (schema.example !== undefined) return schema.example;
  if (schema.$ref) return of(components[schema.$ref.split('/').at(-1)!] ?? {});
  if (schema.const !== undefined) return schema.const;
  if (schema.enum) return schema.enum[0];
  if (schema.default !== undefined) return schema.default;
  if (schema.allOf) return Object.assign({}, ...schema.allOf.map((part) => of(part)));
  const choices = schema.anyOf ?? schema.oneOf;
  if (choices) return fromChoices(choices, of);
  const type = [schema.type].flat()[0] ?? (schema.properties ? 'object' : 'any');
  switch (type) {
    case 'object':
      return Object.fromEntries(Object.entries(schema.properties ?? {}).map(([member, part]) => [member, of(part, member)]));
    case 'array':
      return schema.items ? [of(schema.items)] : [];
    case 'string':
      return byFormat[schema.format ?? ''] ?? name;
    case 'integer':
    case 'number':
      return Math.min(Math.max(1, schema.minimum ?? 1, (schema.exclusiveMinimum ?? 0) + 1), schema.maximum ?? Infinity);
    case 'boolean':
      return true;
    case 'null':
      return null;
    default:
      return {};
  }
}

/** What may be null is shown as something, but for a text of which nothing is known. */
function fromChoices(choices: readonly Schema[], of: (part: Schema) => unknown): unknown {
  const something = choices.find(({ type }) => type !== 'null') ?? {};
  const isUnknownText = something.type === 'string' && !something.examples && !something.enum && !something.format;
  return isUnknownText && something !== choices.at(-1) ? null : of(something);
}

/** Every problem of an answer, each as it would be on this path. */
export function problemExamples(slugs: readonly ProblemSlug[], path: string): Record<string, { value: object }> {
  const instance = path.replaceAll(/\{\w+\}/g, anId);
  const errors = [{ pointer: '#/items/0/quantity', code: 'too-small', message: 'Is at least 1.' }];
  return Object.fromEntries(
    slugs.map((slug) => {
      const { status, title } = problems[slug];
      const traceId = '4bf92f3577b34da6a3ce929d0e0e4736';
      const value = { type: `/problems/${slug}`, title, status, detail: `${title}.`, instance, traceId };
      return [slug, { value: slug === 'validation' ? { ...value, errors } : value }];
    }),
  );
}
