import { Ajv2020, type ErrorObject, type ValidateFunction } from 'ajv/dist/2020.js';
import formats from 'ajv-formats';

/** As much of an OpenAPI 3.1 document as is needed to judge answers by it. */
export interface OpenApiDocument {
  readonly openapi: string;
  readonly info: { readonly title: string };
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
}

interface Operation {
  readonly responses: Readonly<Record<string, { readonly content?: Readonly<Record<string, unknown>> }>>;
}

/** What came back for a request. */
export interface GivenAnswer {
  readonly method: string;
  /** As it was sent, without the query. */
  readonly path: string;
  readonly status: number;
  /** With its parameters; null where the header is missing. */
  readonly mediaType: string | null;
  /** Undefined where it was not read: of a stream, and of a HEAD. */
  readonly body: string | undefined;
}

/** Given before any route is looked for, so that no operation has them. */
const ofEveryPath = new Set(['route-not-found', 'malformed-request', 'request-timeout', 'headers-too-large']);

/** Says of answers whether an OpenAPI document has them. */
export class DocumentedAnswers {
  private readonly title: string;
  private readonly operations: readonly {
    readonly path: string;
    readonly form: RegExp;
    readonly methods: Readonly<Record<string, Operation>>;
  }[];
  private readonly schemas = new Ajv2020({ strict: false, allErrors: true, validateFormats: true });

  constructor(document: OpenApiDocument) {
    formats.default(this.schemas);
    this.title = document.info.title;
    // The literal ones first: `/things/groups` is no `/things/{id}`.
    this.operations = Object.entries(document.paths)
      .toSorted(([a], [b]) => a.split('{').length - b.split('{').length)
      .map(([path, methods]) => ({
        path,
        methods,
        form: new RegExp(`^${path.replaceAll('.', String.raw`\.`).replaceAll(/\{\w+\}/g, '[^/]+')}$`),
      }));
    this.schemas.addSchema(closed(document), 'document');
  }

  /** What the document does not have of an answer, and what to do about that; undefined when it has all of it. */
  faultOf(answer: GivenAnswer): string | undefined {
    const found = this.operations.find(({ form }) => form.test(answer.path));
    const method = answer.method === 'HEAD' ? 'get' : answer.method.toLowerCase();
    const operation = found?.methods[method];
    const slug = slugOf(answer);
    if (slug !== undefined && ofEveryPath.has(slug)) return undefined;
    const where = `${answer.method} ${operation ? found.path : answer.path} answered ${answer.status}${slug ? ` /problems/${slug}` : ''}`;
    const but = (what: string) => `${where}: ${what} (OpenAPI document "${this.title}")`;
    if (!operation) return but('no operation has this method and path; a route that is meant has to be a method of a controller');

    const response = operation.responses[answer.status];
    if (!response) return but(`the status is not declared: add ${decoratorFor(answer.status, slug)} to the handler of the route`);
    if (answer.status === 304 || answer.method === 'HEAD') return undefined;
    const declared = Object.keys(response.content ?? {});
    const mediaType = answer.mediaType?.split(';')[0]!.trim().toLowerCase();
    if (mediaType === undefined && declared.length === 0 && !answer.body) return undefined;
    if (mediaType === undefined || !declared.includes(mediaType)) {
      return but(
        `it is ${mediaType ?? 'of no media type'}, and declared is ${declared.join(', ') || 'no body'}: say so where the answer is declared`,
      );
    }
    if (answer.body === undefined || !mediaType.endsWith('json')) return undefined;
    const errors = this.errorsIn(answer.body, [
      'paths',
      found.path,
      method,
      'responses',
      String(answer.status),
      'content',
      mediaType,
      'schema',
    ]);
    if (errors.length === 0) return undefined;
    if (slug !== undefined && errors.every(({ instancePath }) => instancePath === '/type')) {
      return but(`the problem is not declared: add ${decoratorFor(answer.status, slug)} to the handler of the route`);
    }
    return but(`the body is not what is declared: ${errors.map(describe).join('; ')}. It was ${answer.body.slice(0, 300)}`);
  }

  private errorsIn(body: string, at: readonly string[]): readonly ErrorObject[] {
    const pointer = at.map((part) => encodeURIComponent(part.replaceAll('~', '~0').replaceAll('/', '~1'))).join('/');
    const validate = this.schemas.getSchema(`document#/${pointer}`) as ValidateFunction | undefined;
    // Nothing is said of the body.
    if (!validate) return [];
    return validate(JSON.parse(body)) ? [] : (validate.errors ?? []);
  }
}

/** What the document leaves open so that answers may grow is closed here: a member that it does not have should be in it. */
function closed(value: unknown): object {
  return JSON.parse(JSON.stringify(value), (_name, part: unknown) => {
    const isOpen = typeof part === 'object' && part !== null && 'properties' in part && 'required' in part;
    return isOpen && !('additionalProperties' in part) ? { ...part, additionalProperties: false } : part;
  }) as object;
}

function slugOf({ mediaType, body }: GivenAnswer): string | undefined {
  if (!mediaType?.startsWith('application/problem+json') || !body) return undefined;
  return (JSON.parse(body) as { type?: string }).type?.replace('/problems/', '');
}

function decoratorFor(status: number, slug: string | undefined): string {
  return slug === undefined ? `@ApiResponse({ status: ${status}, standardSchema: … })` : `@Refusals('${slug}')`;
}

function describe({ instancePath, message, params }: ErrorObject): string {
  const member = (params as { additionalProperty?: string }).additionalProperty;
  return `${instancePath || 'it'} ${message}${member === undefined ? '' : `, and has "${member}"`}`;
}
