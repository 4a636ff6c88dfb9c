import { applyDecorators } from '@nestjs/common';
import { RouteConfig } from '@nestjs/platform-fastify';
import { ApiBody, ApiConsumes, ApiExtension } from '@nestjs/swagger';
import type { HttpRequest } from './http-request.js';

const mark = 'x-raw-body';

/**
 * The route takes its body as it comes, of any media type or none: `@Body() body: Buffer` has the exact bytes, none at all being an empty
 * buffer. For what is signed, and so has to be judged before it is read. Nothing of the request is validated but its size and its caller.
 */
export const RawBody = () =>
  applyDecorators(
    RouteConfig({ rawBody: true }),
    ApiConsumes('*/*'),
    ApiBody({ schema: { type: 'string', format: 'binary' } }),
    ApiExtension(mark, true),
  );

/** Whether the route of a request is a {@link RawBody} one. */
export function takesRawBody({ routeOptions }: Pick<HttpRequest, 'routeOptions'>): boolean {
  return routeOptions.config?.rawBody === true;
}

/** Takes the mark of {@link RawBody} off a documented operation; whether it was there. */
export function takeRawBodyMark(operation: object): boolean {
  return mark in operation && Reflect.deleteProperty(operation, mark);
}
