import { randomBytes } from 'node:crypto';
import { type Server, STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import type { Readable } from 'node:stream';
import helmet from '@fastify/helmet';
import { Reflector } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { AnswerInterceptor } from './answer.js';
import { scopeOf } from './caller.js';
import { Callers, type CallersConfig } from './callers.js';
import type { HttpRequest, Reply } from './http-request.js';
import { bodyLimitBytes, readBytes, readJsonBody } from './json-body.js';
import { requestTime } from './metrics.js';
import { serveDocumentation } from './openapi.js';
import { problem, type Problem } from './problem-details.js';
import { ProblemFilter, sendProblem } from './problem-filter.js';
import { RateLimits, type Rates } from './rate-limits.js';
import { takesRawBody } from './raw-body.js';
import { RequestRules } from './request-rules.js';

/** How a service's endpoints answer: what it takes to start a Nest application that keeps the HTTP contract. */
export interface HttpSurface {
  readonly adapter: FastifyAdapter;
  /** Call it between creating the application and listening. */
  prepare(app: NestFastifyApplication): Promise<void>;
}

/** The trace that a request runs in. */
export interface RequestTrace {
  /** Runs a request in the trace of its `traceparent`, or in a new one. What `work` is given wants to know the status of the answer. */
  run(request: TracedRequest, work: (answered?: (status: number) => void) => void): void;
  /** 32 hex digits, inside `run`. */
  id(): string | undefined;
}

interface TracedRequest {
  readonly traceparent: string | undefined;
  readonly method: string;
  /** The pattern of its route; undefined where there is none. */
  readonly route: string | undefined;
  /** The order that its path names, or something else in that place. */
  readonly orderId: string | undefined;
}

/** A call that was answered. */
export interface AnsweredCall {
  readonly method: string;
  /** The pattern of its route. */
  readonly route: string;
  readonly status: number;
  readonly durationMs: number;
  /** {@link scopeOf}; undefined when nobody is known. */
  readonly caller: string | undefined;
  /** As it stood in the path: perhaps no id. */
  readonly orderId: string | undefined;
  readonly traceId: string;
}

export interface HttpSurfaceOptions {
  readonly title: string;
  readonly description: string;
  readonly trace: RequestTrace;
  readonly config: HttpConfig;
  /** Gives what wants to know of each call; it must neither wait nor throw. Not of those that look after a service, nor of its documentation. */
  readonly activity?: (app: NestFastifyApplication) => (call: AnsweredCall) => void;
  /** Rates of routes that have their own, by their names: `POST /orders`. */
  readonly addressAt?: Rates['addressAt'];
  readonly callerAt?: Rates['callerAt'];
}

/** What of a service's configuration is about its endpoints. */
export interface HttpConfig extends CallersConfig {
  readonly ADDRESS_RATE_PER_SECOND: number;
  readonly ADDRESS_RATE_BURST: number;
  readonly CALLER_RATE_PER_SECOND: number;
  readonly CALLER_RATE_BURST: number;
  readonly TRUSTED_PROXIES?: readonly string[] | undefined;
}

export function httpSurface({ title, description, trace, config, activity, addressAt, callerAt }: HttpSurfaceOptions): HttpSurface {
  const callers = new Callers(config);
  const limits = new RateLimits({
    address: { perSecond: config.ADDRESS_RATE_PER_SECOND, burst: config.ADDRESS_RATE_BURST },
    addressAt,
    caller: { perSecond: config.CALLER_RATE_PER_SECOND, burst: config.CALLER_RATE_BURST },
    callerAt,
  });
  const adapter = new SurfaceAdapter(trace, limits, config.TRUSTED_PROXIES);
  return {
    adapter,
    async prepare(app) {
      if (activity) reportCalls(adapter.getInstance(), activity(app));
      await app.register(helmet, helmetOptions);
      app.useGlobalGuards(new RequestRules(app.get(Reflector), callers, limits));
      app.useGlobalInterceptors(new AnswerInterceptor());
      app.useGlobalFilters(new ProblemFilter());
      serveDocumentation(app, { title, description });
    },
  };
}

/** Whoever looks after a service, or reads how to call it, is no caller. */
const ofCallers = (route: string | undefined): route is string => route !== undefined && !/^\/(health|metrics|docs)\b/.test(route);

function reportCalls(fastify: Fastify, report: (call: AnsweredCall) => void): void {
  fastify.addHook('onResponse', (request, reply, done) => {
    const { method, traceId, caller } = request;
    const { route, orderId } = tracedRequest(request);
    if (ofCallers(route)) {
      const known = caller === undefined ? undefined : scopeOf(caller);
      report({
        method,
        route,
        status: reply.statusCode,
        durationMs: Math.round(reply.elapsedTime * 1000) / 1000,
        caller: known,
        orderId,
        traceId,
      });
    }
    done();
  });
}

// What a browser is to refuse to do with an answer. The services speak plain HTTP behind whoever ends TLS, so no page is told to insist on it.
const helmetOptions = { contentSecurityPolicy: { directives: { upgradeInsecureRequests: null } }, strictTransportSecurity: false };

type SendOn = (error: null, payload: unknown) => void;

/** The parts of Fastify that we use. */
interface Fastify {
  removeAllContentTypeParsers(): void;
  addContentTypeParser(type: '*', parser: (request: HttpRequest, payload: Readable) => Promise<unknown>): void;
  decorateRequest(name: keyof HttpRequest, value: unknown): void;
  readonly server: Server;
  addHook(name: 'preClose', hook: (done: () => void) => void): void;
  addHook(name: 'onSend', hook: (request: HttpRequest, reply: Reply, payload: unknown, done: SendOn) => void): void;
  addHook(name: 'onRequest' | 'onResponse', hook: (request: HttpRequest, reply: Reply, done: (error?: Error) => void) => void): void;
}

// How long requests under way have, once nothing new is accepted.
const closingPatienceMs = 5000;

/** Fastify with one body parser, ours, and a trace around each request. */
class SurfaceAdapter extends FastifyAdapter {
  constructor(trace: RequestTrace, limits: RateLimits, trustedProxies: readonly string[] | undefined) {
    super({
      ...(trustedProxies && { trustProxy: [...trustedProxies] }),
      bodyLimit: bodyLimitBytes,
      // Longer than any header: what is too long for an id is answered as an unknown id, not by the router.
      routerOptions: { maxParamLength: 64 * 1024 },
      frameworkErrors: answerUnroutable as never,
      // Until the whole request is there; an answer may take as long as it likes.
      requestTimeout: 30_000,
      clientErrorHandler: answerBrokenRequest,
      // Who is connected already is served: Fastify's own refusal is no problem+json, and says nothing of when to come again.
      return503OnClosing: false,
    });
    const fastify: Fastify = this.getInstance();
    fastify.removeAllContentTypeParsers();
    fastify.addContentTypeParser('*', (request, payload) =>
      takesRawBody(request) ? readBytes(payload) : readJsonBody(request.headers, payload),
    );
    fastify.decorateRequest('traceId', '');
    fastify.decorateRequest('answered', undefined);
    fastify.decorateRequest('caller', undefined);
    fastify.decorateRequest('bodyAsSent', undefined);
    fastify.addHook('onRequest', (request, reply, done) => {
      trace.run(tracedRequest(request), (answered) => {
        request.traceId = trace.id() ?? newTraceId();
        request.answered = answered;
        // Fastify would refuse a media type that is none.
        if (takesRawBody(request)) delete request.headers['content-type'];
        // Before the body is read: nothing about the body matters to a route that is not there.
        done(refusalOf(request, reply, limits));
      });
    });
    fastify.addHook('onResponse', ({ method, routeOptions, answered }, reply, done) => {
      answered?.(reply.statusCode);
      requestTime.observe({ method, route: routeOptions.url ?? 'none', status: reply.statusCode }, reply.elapsedTime / 1000);
      done();
    });
    let closing = false;
    fastify.addHook('onSend', (_request, reply, payload, done) => {
      // Or else the connection would be kept, and closing wait for it.
      if (closing) reply.header('connection', 'close');
      done(null, payload);
    });
    fastify.addHook('preClose', (done) => {
      closing = true;
      // Node waits for a connection that never asked anything as if it were at work.
      setTimeout(() => fastify.server.closeAllConnections(), closingPatienceMs).unref();
      done();
    });
  }

  /** Nest would add parsers of its own. */
  override registerParserMiddleware(): void {}
}

/** What is refused before its body is read. */
function refusalOf(request: HttpRequest, reply: Reply, limits: RateLimits): Error | undefined {
  try {
    // Whoever watches the service is not to be locked out by whoever floods it.
    if (!/^\/(health|metrics)\b/.test(request.routeOptions.url ?? '')) limits.admitAddress(request, reply);
    return request.is404 ? routeNotFound() : undefined;
  } catch (error) {
    return error as Error;
  }
}

function tracedRequest({ method, headers: { traceparent }, routeOptions: { url: route }, params }: HttpRequest): TracedRequest {
  return {
    traceparent: typeof traceparent === 'string' ? traceparent : undefined,
    method,
    route,
    orderId: route?.startsWith('/orders/:') ? Object.values(params ?? {})[0] : undefined,
  };
}

/** Answers a path that no percent-decoding makes sense of. */
function answerUnroutable(_error: Error, request: HttpRequest, reply: Reply): void {
  request.traceId = newTraceId();
  sendProblem(routeNotFound(), request, reply);
}

/** Answers what Node could not read as HTTP, where no request exists yet. */
function answerBrokenRequest(error: NodeJS.ErrnoException, socket: Socket): void {
  if (error.code === 'ECONNRESET' || socket.destroyed || !socket.writable) {
    socket.destroy();
    return;
  }
  const refusal = brokenRequestProblem(error.code);
  const body = JSON.stringify(refusal.view('/', newTraceId()));
  socket.end(
    `HTTP/1.1 ${refusal.status} ${STATUS_CODES[refusal.status]}\r\n` +
      `Content-Type: application/problem+json\r\nContent-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`,
  );
}

function brokenRequestProblem(code: string | undefined): Problem {
  if (code === 'HPE_HEADER_OVERFLOW') return problem('headers-too-large', 'Send fewer or shorter headers.');
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT') return problem('request-timeout', 'The request did not arrive in time.');
  return problem('malformed-request', 'The request cannot be understood.');
}

function routeNotFound(): Problem {
  return problem('route-not-found', 'No route has this method and path.');
}

function newTraceId(): string {
  return randomBytes(16).toString('hex');
}
