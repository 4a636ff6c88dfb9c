import { randomUUID } from 'node:crypto';
import type { Server } from 'node:http';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { parseForm } from './form.js';
import type { HttpRequest, Reply } from './http-request.js';
import { invalidRequest } from './stripe-error.js';
import { StripeErrorFilter } from './stripe-error.filter.js';

/** The parts of Fastify that we use. */
interface Fastify {
  removeAllContentTypeParsers(): void;
  addContentTypeParser(
    type: string | readonly string[],
    options: { parseAs: 'string' },
    parser: (request: unknown, text: string) => Promise<unknown>,
  ): void;
  addHook(name: 'onRequest', hook: (request: HttpRequest, reply: Reply, done: () => void) => void): void;
  addHook(name: 'preClose', hook: (done: () => void) => void): void;
  readonly server: Server;
}

// How long answers under way have when the simulator stops. Whoever it leaves in silence is not waited for any longer.
const closingPatienceMs = 2000;

/** How the simulator answers: bodies are forms, errors are Stripe's, and each request has an id. */
export function stripeSurface(): { readonly adapter: FastifyAdapter; prepare(app: NestFastifyApplication): Promise<void> } {
  return {
    adapter: new StripeAdapter(),
    async prepare(app) {
      app.useGlobalFilters(new StripeErrorFilter());
    },
  };
}

class StripeAdapter extends FastifyAdapter {
  constructor() {
    super({ bodyLimit: 64 * 1024, requestTimeout: 30_000, routerOptions: { querystringParser: parseForm as never } });
    const fastify: Fastify = this.getInstance();
    fastify.removeAllContentTypeParsers();
    fastify.addContentTypeParser('application/x-www-form-urlencoded', { parseAs: 'string' }, async (_request, text) => parseForm(text));
    fastify.addContentTypeParser('application/json', { parseAs: 'string' }, async (_request, text) => parseJson(text));
    fastify.addHook('onRequest', (request, reply, done) => {
      reply.header('Request-Id', `req_${randomUUID().replaceAll('-', '')}`);
      const version = request.headers['stripe-version'];
      if (typeof version === 'string') reply.header('Stripe-Version', version);
      done();
    });
    fastify.addHook('preClose', (done) => {
      setTimeout(() => fastify.server.closeAllConnections(), closingPatienceMs).unref();
      done();
    });
  }

  /** Nest would add parsers of its own. */
  override registerParserMiddleware(): void {}
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw invalidRequest('The body is no JSON.');
  }
}
