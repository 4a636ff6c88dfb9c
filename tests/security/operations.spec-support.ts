/** One call of a service's HTTP surface, as its OpenAPI document has it. */
export interface Operation {
  readonly service: string;
  readonly method: string;
  /** With its parameters in braces: `/orders/{id}`. */
  readonly path: string;
  readonly parameters: readonly { readonly name: string; readonly in: string; readonly schema: Schema }[];
  /** A body that it might take; undefined when it takes none. */
  readonly body: unknown;
}

interface Schema {
  readonly $ref?: string;
  readonly type?: string | readonly string[];
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly default?: unknown;
  readonly examples?: readonly unknown[];
  readonly format?: string;
  readonly minimum?: number;
  readonly pattern?: string;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly items?: Schema;
  readonly anyOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
}

interface Document {
  readonly paths: Readonly<Record<string, Readonly<Record<string, DocumentedOperation>>>>;
  readonly components?: { readonly schemas?: Readonly<Record<string, Schema>> };
}

interface DocumentedOperation {
  readonly parameters?: Operation['parameters'];
  readonly requestBody?: { readonly content: Readonly<Record<string, { readonly schema?: Schema }>> };
}

/** Every call that a service documents. */
export async function operationsOf(service: { readonly name: string; readonly baseUrl: string }): Promise<Operation[]> {
  const { paths, components } = (await (await fetch(`${service.baseUrl}/docs-json`)).json()) as Document;
  const schemas = components?.schemas ?? {};
  return Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, { parameters = [], requestBody }]) => {
      const schema = Object.values(requestBody?.content ?? {})[0]?.schema;
      const body = schema && exampleOf(schema, schemas);
      return { service: service.name, method: method.toUpperCase(), path, parameters, body };
    }),
  );
}

/** A value of a schema, with every member that it may have. */
function exampleOf(schema: Schema, schemas: Readonly<Record<string, Schema>>): unknown {
  if (schema.$ref) return exampleOf(schemas[schema.$ref.split('/').at(-1)!] ?? {}, schemas);
  const given = [schema.examples?.[0], schema.default, schema.const, schema.enum?.[0]].find((value) => value !== undefined);
  if (given !== undefined) return given;
  const choice = schema.anyOf?.[0] ?? schema.oneOf?.[0];
  if (choice) return exampleOf(choice, schemas);
  if (schema.properties) {
    return Object.fromEntries(Object.entries(schema.properties).map(([name, member]) => [name, exampleOf(member, schemas)]));
  }
  if (schema.items) return [exampleOf(schema.items, schemas)];
  const [type = 'string'] = [schema.type].flat();
  const plain: Readonly<Record<string, unknown>> = { integer: schema.minimum ?? 1, number: 1, boolean: true, object: {}, array: [] };
  return plain[type] ?? textOf(schema);
}

function textOf({ format, pattern }: Schema): string {
  if (format === 'uuid') return '0198f000-0000-7000-8000-000000000000';
  if (format === 'email') return 'alice@example.com';
  if (format === 'date-time') return '2026-01-01T00:00:00.000Z';
  if (format === 'uri') return 'https://shop.example/hook';
  return pattern?.includes('pm|tok') ? 'pm_card_visa' : 'some text';
}

/** Each copy of a body in which one of its strings, or the name of one of its members, is another. */
export function variantsOf(body: unknown, text: string): unknown[] {
  if (typeof body === 'string') return [text];
  if (Array.isArray(body)) {
    return body.flatMap((item, index) => variantsOf(item, text).map((variant) => body.with(index, variant)));
  }
  if (typeof body !== 'object' || body === null) return [];
  const members = Object.entries(body).flatMap(([name, member]) =>
    variantsOf(member, text).map((variant) => ({ ...body, [name]: variant })),
  );
  return [...members, { ...body, [text]: text }];
}
