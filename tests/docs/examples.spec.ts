import { Ajv2020 } from 'ajv/dist/2020.js';
import formats from 'ajv-formats';
import { describe, expect, it } from 'vitest';
import { problems } from '#libs/http';
import { documented, openApiOf } from './open-api.spec-support.js';

interface Media {
  readonly schema?: object;
  readonly example?: unknown;
  readonly examples?: Readonly<Record<string, { readonly value: unknown }>>;
}
type Content = Readonly<Record<string, Media>>;

interface Operation {
  readonly parameters?: readonly (Media & { readonly name: string; readonly in: string; readonly required?: boolean })[];
  readonly requestBody?: { readonly content: Content };
  readonly responses: Readonly<Record<string, { readonly content?: Content }>>;
}

/** Every example of every document by its place, with what its schema has against it; also a place that has none. */
const examples = (await Promise.all(documented.map(async (service) => examplesOf(service, await openApiOf(service))))).flat();

function examplesOf(service: string, document: { readonly paths: object; readonly components?: object }) {
  const ajv = new Ajv2020({ strict: false });
  formats.default(ajv);
  const judged = (where: string, { schema = {}, example, examples: named = {} }: Media) => {
    const values = example === undefined ? Object.values(named).map(({ value }) => value) : [example];
    const validate = ajv.compile({ ...schema, components: document.components });
    return values.length === 0
      ? [{ where, value: undefined, faults: 'there is none: give its schema one with .meta({ examples: […] })' }]
      : values.map((value) => ({ where, value, faults: validate(value) ? undefined : ajv.errorsText(validate.errors) }));
  };
  return Object.entries(document.paths as Record<string, Record<string, Operation>>).flatMap(([path, methods]) =>
    Object.entries(methods).flatMap(([method, { parameters = [], requestBody, responses }]) => {
      const call = `${service}: ${method.toUpperCase()} ${path}`;
      const bodies = (where: string, content: Content = {}) =>
        Object.entries(content).flatMap(([type, media]) => judged(`${call}, ${where}, ${type}`, media));
      return [
        ...parameters.filter(({ required }) => required).flatMap((one) => judged(`${call}, ${one.in} ${one.name}`, one)),
        ...bodies('request', requestBody?.content),
        ...Object.entries(responses).flatMap(([status, { content }]) => bodies(status, content)),
      ];
    }),
  );
}

describe('an example in an OpenAPI document', () => {
  it('is there for all that a request needs, for each body and each answer, and fits its schema', () => {
    expect(examples.length).toBeGreaterThan(200);
    expect(examples.flatMap(({ where, faults }) => (faults === undefined ? [] : [`${where}: ${faults}`]))).toEqual([]);
  });

  it('shows each problem that is answered by an operation, as it is', () => {
    const shown = examples.filter(({ where }) => where.endsWith('application/problem+json')).map(({ value }) => value as { type: string });
    for (const { type, ...rest } of shown) {
      const { status, title } = problems[type.replace('/problems/', '') as keyof typeof problems];
      expect(rest).toMatchObject({ status, title, detail: expect.stringMatching(/\.$/), traceId: expect.stringMatching(/^[0-9a-f]{32}$/) });
    }
    // Given before there is an operation, or for later.
    const ofNone = ['malformed-request', 'route-not-found', 'request-timeout', 'headers-too-large', 'precondition-failed'];
    const missing = Object.keys(problems).filter((slug) => !shown.some(({ type }) => type === `/problems/${slug}`));
    expect(missing.filter((slug) => !ofNone.includes(slug))).toEqual([]);
  });
});
