import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { DocumentBuilder, type OpenAPIObject, SwaggerModule } from '@nestjs/swagger';
import { z } from 'zod';
import { takeDeprecatedMark } from './deprecated.js';
import { exampleOf, problemExamples, type Schema } from './open-api-examples.js';
import { problems, type ProblemSlug, ProblemView } from './problem-details.js';
import { takeRawBodyMark } from './raw-body.js';
import { takeRefusals } from './refusals.js';

type Schemas = NonNullable<NonNullable<OpenAPIObject['components']>['schemas']>;
type JsonSchema = { readonly $schema?: string; readonly $defs?: Schemas };
type Operation = NonNullable<OpenAPIObject['paths'][string]['get']>;

/** Serves the OpenAPI 3.1 document of the application at `/docs-json`, and a page to read and try it at `/docs`. */
export function serveDocumentation(app: NestFastifyApplication, about: { readonly title: string; readonly description: string }): void {
  const outline = new DocumentBuilder()
    .setOpenAPIVersion('3.1.0')
    .setTitle(about.title)
    .setDescription(about.description)
    .setVersion('1')
    .addBearerAuth(
      {
        type: 'http',
        scheme: 'bearer',
        bearerFormat: 'JWT',
        description: 'A token whose `sub` is the caller, and whose `roles` has `customer` or `operator`, as the operation asks for.',
      },
      'token',
    )
    .build();
  const document = SwaggerModule.createDocument(app, outline, {
    operationIdFactory: (controller, method) => `${controller.replace(/Controller$/, '')}_${method}`,
    standardSchemaConverter: (schema) => toJsonSchema(schema as z.ZodType),
  });
  const { components } = toJsonSchema(z.object({ problem: ProblemView }));
  document.components = { ...document.components, schemas: { ...document.components?.schemas, ...components } };
  for (const [path, operation, mayHaveBody] of operationsOf(document)) {
    if (takeDeprecatedMark(operation)) operation.deprecated = true;
    describeProblems(path, operation, mayHaveBody);
    giveExamples(operation, document.components.schemas as Readonly<Record<string, Schema>>);
  }
  SwaggerModule.setup('docs', app, document, { jsonDocumentUrl: 'docs-json', raw: ['json'] });
}

/** Swagger's own conversion speaks OpenAPI 3.0. */
function toJsonSchema(schema: z.ZodType): { schema: unknown; components: Schemas } {
  // As input, also where it is an answer: answers may grow, and as output every object would be closed.
  const standalone = JSON.stringify(z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any', override: keepWhatIsSaid }));
  // What one component says of another refers to where they will both be.
  const { $defs = {}, $schema: _, ...converted } = JSON.parse(standalone.replaceAll('#/$defs/', '#/components/schemas/')) as JsonSchema;
  return { schema: converted, components: $defs };
}

/** Zod leaves out defaults and examples of what it transforms, also where `meta` says them of the input. */
function keepWhatIsSaid({ zodSchema, jsonSchema }: { zodSchema: z.core.$ZodType; jsonSchema: Record<string, unknown> }): void {
  const { default: given, examples } = z.globalRegistry.get(zodSchema) ?? {};
  if (given !== undefined) jsonSchema['default'] = given;
  if (examples !== undefined) jsonSchema['examples'] = examples;
}

/** Adds the refusals of an operation: those it names, and those that follow from what else is said of it. */
function describeProblems(path: string, operation: Operation, mayHaveBody: boolean): void {
  const slugs = new Set<ProblemSlug>(takeRefusals(operation));
  if (operation.security?.length) for (const slug of ['unauthenticated', 'forbidden'] as const) slugs.add(slug);
  if (operation.parameters?.some((parameter) => 'name' in parameter && parameter.name === 'after')) slugs.add('invalid-cursor');
  if (mayHaveBody) slugs.add('body-too-large');
  if (!takeRawBodyMark(operation)) {
    if (mayHaveBody) for (const slug of ['malformed-json', 'unsupported-media-type'] as const) slugs.add(slug);
    for (const slug of ['validation', 'card-number-refused'] as const) slugs.add(slug);
  }
  for (const slug of ['too-many-requests', 'internal-error', 'temporarily-unavailable'] as const) slugs.add(slug);
  const statuses = new Set([...slugs].map((slug) => problems[slug].status));
  for (const status of statuses) {
    const those = [...slugs].filter((slug) => problems[slug].status === status);
    operation.responses[status] ??= {
      description: those.map((slug) => `\`/problems/${slug}\`: ${problems[slug].title}`).join('\n\n'),
      content: { 'application/problem+json': { schema: schemaOfProblems(those), examples: problemExamples(those, path) } },
    };
  }
}

/** Of the problems with one status, what an operation may answer. */
function schemaOfProblems(slugs: readonly ProblemSlug[]): { allOf: object[] } {
  const types = slugs.map((slug) => `/problems/${slug}`);
  return { allOf: [{ $ref: '#/components/schemas/Problem' }, { type: 'object', properties: { type: { enum: types } } }] };
}

/** Shows what an operation takes, and needs, and answers, where nobody has. */
function giveExamples({ parameters = [], requestBody, responses }: Operation, components: Readonly<Record<string, Schema>>): void {
  for (const parameter of parameters) {
    if ('name' in parameter && parameter.required && parameter.schema) {
      parameter.example ??= exampleOf(parameter.schema as Schema, components, parameter.name);
    }
  }
  for (const place of [requestBody, ...Object.values(responses)]) {
    for (const media of Object.values((place && 'content' in place && place.content) || {})) {
      if (media.schema && media.examples === undefined) media.example ??= exampleOf(media.schema as Schema, components);
    }
  }
}

/** Each operation with its path, and whether a request of its method may bring a body, wanted or not. */
function operationsOf(document: OpenAPIObject): [string, Operation, boolean][] {
  return Object.entries(document.paths).flatMap(([path, { get, post, put, patch, delete: remove }]) => [
    ...(get ? [[path, get, false] as [string, Operation, boolean]] : []),
    ...[post, put, patch, remove].flatMap((operation) => (operation ? [[path, operation, true] as [string, Operation, boolean]] : [])),
  ]);
}
