import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common';
import { ROUTE_ARGS_METADATA } from '@nestjs/common/constants.js';
import { RouteParamtypes } from '@nestjs/common/enums/route-paramtypes.enum.js';
import { Reflector } from '@nestjs/core';
import { z } from 'zod';
import { ACCESS, type Access, type Caller, callerFor, scopeOf } from './caller.js';
import type { Callers, Identity } from './callers.js';
import { cardNumberWithin } from './card-number.js';
import { fieldErrors, unstorableText } from './field-errors.js';
import type { HttpRequest, Reply } from './http-request.js';
import { IDEMPOTENT, requireKey } from './idempotency-key.js';
import { mediaTypeRefusal } from './json-body.js';
import { problem, type FieldError } from './problem-details.js';
import type { RateLimits } from './rate-limits.js';
import { takesRawBody } from './raw-body.js';

/** What a route asks of its requests, read from its decorators. */
interface RouteRules {
  readonly access: Access | undefined;
  readonly idempotent: boolean;
  /** Undefined: the route takes no body. */
  readonly body: z.ZodType | undefined;
  readonly query: z.ZodType;
}

const nothing = z.strictObject({});

/**
 * Holds a request against the rules of its route, in the order of the HTTP contract. One guard does all of it, so that the order stands in
 * one place; Nest would run guards, then pipes, all parameters at once.
 */
@Injectable()
export class RequestRules implements CanActivate {
  private readonly rules = new WeakMap<Function, RouteRules>();

  constructor(
    private readonly reflector: Reflector,
    private readonly callers: Callers,
    private readonly limits: RateLimits,
  ) {}

  canActivate(context: ExecutionContext): boolean | Promise<boolean> {
    const request = context.switchToHttp().getRequest<HttpRequest>();
    const reply = context.switchToHttp().getResponse<Reply>();
    const rules = this.rulesOf(context);
    if (!takesRawBody(request)) requireBody(rules, request);
    if (rules.access === undefined) throw problem('forbidden', 'This route is open to nobody.');
    const { access } = rules;
    if (access === 'everybody') return this.holds(request, rules, undefined);
    const identity = this.callers.identify(request.headers.authorization);
    return identity instanceof Promise
      ? identity.then((found) => this.holds(request, rules, this.admit(request, reply, access, found)))
      : this.holds(request, rules, this.admit(request, reply, access, identity));
  }

  private admit(request: HttpRequest, reply: Reply, access: Access, identity: Identity | undefined): Caller | undefined {
    const caller = callerFor(access, identity);
    this.limits.admitCaller(request, reply, scopeOf(caller));
    return caller;
  }

  private holds(request: HttpRequest, rules: RouteRules, caller: Caller | undefined): boolean {
    request.caller = caller;
    if (rules.idempotent) requireKey(request.headers['idempotency-key']);
    if (takesRawBody(request)) {
      // Fastify asks no parser about a request that announces no body.
      request.body ??= Buffer.alloc(0);
      return true;
    }
    refuseCardNumbers(request);
    validate(rules, request);
    return true;
  }

  private rulesOf(context: ExecutionContext): RouteRules {
    const handler = context.getHandler();
    let rules = this.rules.get(handler);
    if (!rules) {
      const parameters = schemasOfParameters(context);
      rules = {
        access: this.reflector.getAllAndOverride<Access | undefined>(ACCESS, [handler, context.getClass()]),
        idempotent: this.reflector.get<boolean | undefined>(IDEMPOTENT, handler) ?? false,
        body: parameters.get(RouteParamtypes.BODY),
        query: parameters.get(RouteParamtypes.QUERY) ?? nothing,
      };
      this.rules.set(handler, rules);
    }
    return rules;
  }
}

/** The schemas of `@Body({ schema })` and `@Query({ schema })`. */
function schemasOfParameters(context: ExecutionContext): Map<RouteParamtypes, z.ZodType> {
  const parameters: Record<string, { schema?: z.ZodType }> =
    Reflect.getMetadata(ROUTE_ARGS_METADATA, context.getClass(), context.getHandler().name) ?? {};
  // A name is "<kind>:<index>".
  return new Map(Object.entries(parameters).flatMap(([name, { schema }]) => (schema ? [[Number.parseInt(name), schema] as const] : [])));
}

function requireBody({ body }: RouteRules, request: HttpRequest): void {
  if (!body || request.body !== undefined) return;
  throw (request.headers['content-type'] && mediaTypeRefusal(request.headers)) || problem('malformed-json', 'A body is due here.');
}

function refuseCardNumbers({ body, query, headers, caller }: HttpRequest): void {
  if (cardNumberWithin([body, query, headers['idempotency-key'], scopeOf(caller)])) {
    throw problem(
      'card-number-refused',
      'Something in the request looks like a card number. Send a token of the payment provider instead.',
    );
  }
}

/** Replaces body and query by what their schemas make of them. Throws `validation` with everything that is wrong. */
function validate(rules: RouteRules, request: HttpRequest): void {
  const repeated = repeatedParameters(request.query);
  const query = check(rules.query, request.query ?? {});
  const body = rules.body || request.body !== undefined ? check(rules.body ?? nothing, request.body) : { errors: [], value: undefined };
  const errors = [
    ...repeated,
    ...query.errors.filter(({ pointer }) => !repeated.some((error) => error.pointer === pointer)),
    ...body.errors,
  ];
  if (errors.length > 0) throw problem('validation', 'See `errors` for each of them.', { errors });
  request.bodyAsSent = request.body;
  request.body = body.value;
  request.query = query.value;
}

function check(schema: z.ZodType, input: unknown): { errors: readonly FieldError[]; value: unknown } {
  const { error, data } = schema.safeParse(input);
  return { errors: error ? fieldErrors(error.issues, input) : unstorableText(data), value: data };
}

function repeatedParameters(query: unknown): FieldError[] {
  return Object.entries(query ?? {}).flatMap(([name, value]) =>
    Array.isArray(value) ? [{ pointer: `#/${encodeURIComponent(name)}`, code: 'repeated', message: 'May be given once only.' }] : [],
  );
}
