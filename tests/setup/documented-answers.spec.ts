import { describe, expect, it } from 'vitest';
import { DocumentedAnswers, type GivenAnswer } from './documented-answers.js';

const problemsOf = (...slugs: string[]) => ({
  content: {
    'application/problem+json': {
      schema: {
        allOf: [
          { $ref: '#/components/schemas/Problem' },
          { type: 'object', properties: { type: { enum: slugs.map((slug) => `/problems/${slug}`) } } },
        ],
      },
    },
  },
});
const documented = new DocumentedAnswers({
  openapi: '3.1.0',
  info: { title: 'Things' },
  paths: {
    '/things/{id}': {
      get: {
        responses: {
          200: { content: { 'application/json': { schema: { $ref: '#/components/schemas/Thing' } } } },
          304: {},
          404: problemsOf('thing-not-found'),
        },
      },
    },
    '/things/groups': { get: { responses: { 200: { content: { 'application/json': { schema: { type: 'array' } } } } } } },
    '/things/stream': { get: { responses: { 200: { content: { 'text/event-stream': { schema: { type: 'string' } } } } } } },
  },
  components: {
    schemas: {
      Thing: {
        type: 'object',
        required: ['id', 'at'],
        properties: { id: { type: 'string' }, at: { type: 'string', format: 'date-time' }, size: { type: 'integer' } },
      },
      Problem: { type: 'object', required: ['type', 'status'], properties: { type: { type: 'string' }, status: { type: 'integer' } } },
    },
  },
} as never);

const thing = { id: 'a', at: '2026-01-01T12:00:00.000Z' };
const given = (over: Partial<GivenAnswer> & { json?: unknown }): GivenAnswer => {
  const { json = thing, ...rest } = over;
  return {
    method: 'GET',
    path: '/things/7',
    status: 200,
    mediaType: 'application/json; charset=utf-8',
    body: JSON.stringify(json),
    ...rest,
  };
};
const refused = (status: number, slug: string) =>
  given({ status, mediaType: 'application/problem+json', json: { type: `/problems/${slug}`, status } });

describe('an answer is as documented', () => {
  it.each<[string, GivenAnswer]>([
    ['when its body has the declared form', given({})],
    ['of a path that is literally there, though another has a place for it', given({ path: '/things/groups', json: [] })],
    ['to a HEAD as to a GET, without a body', given({ method: 'HEAD', body: undefined })],
    ['without a body where none is declared', given({ status: 304, mediaType: null, body: '' })],
    ['as a stream, of which nothing is read', given({ path: '/things/stream', mediaType: 'text/event-stream', body: undefined })],
    ['with a problem that is declared', refused(404, 'thing-not-found')],
    ['with a problem that any path has', refused(404, 'route-not-found')],
  ])('%s', (_, answer) => {
    expect(documented.faultOf(answer)).toBeUndefined();
  });
});

describe('an answer is not as documented, and what to add is said,', () => {
  it.each<[string, GivenAnswer, string | RegExp]>([
    [
      'when its status is not declared',
      given({ status: 202 }),
      'GET /things/{id} answered 202: the status is not declared: add @ApiResponse({ status: 202, standardSchema: … }) to the handler of the route (OpenAPI document "Things")',
    ],
    [
      'when the status of its problem is not declared',
      refused(412, 'precondition-failed'),
      `GET /things/{id} answered 412 /problems/precondition-failed: the status is not declared: add @Refusals('precondition-failed') to the handler of the route (OpenAPI document "Things")`,
    ],
    [
      'when another problem of that status is declared',
      refused(404, 'order-not-found'),
      /404 \/problems\/order-not-found: the problem is not declared: add @Refusals\('order-not-found'\)/,
    ],
    ['when it lacks a member', given({ json: { id: 'a' } }), /the body is not what is declared: it must have required property 'at'/],
    ['when it has a member more', given({ json: { ...thing, secret: 1 } }), /must NOT have additional properties, and has "secret"/],
    ['when a member has another form', given({ json: { ...thing, at: 'noon' } }), /\/at must match format "date-time"/],
    [
      'when it is of another media type',
      given({ mediaType: 'text/html', body: '<p>' }),
      /it is text\/html, and declared is application\/json/,
    ],
    ['when no operation has its path', given({ path: '/nothing' }), /GET \/nothing answered 200: no operation has this method and path/],
    ['when no operation has its method', given({ method: 'DELETE' }), /DELETE \/things\/7 answered 200: no operation/],
  ])('%s', (_, answer, fault) => {
    expect(documented.faultOf(answer)).toMatch(fault);
  });
});
