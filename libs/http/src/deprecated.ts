import { applyDecorators, Header } from '@nestjs/common';
import { ApiExtension } from '@nestjs/swagger';

const shortestNoticeMs = 180 * 24 * 3_600_000;
const mark = 'x-deprecated-route';

/**
 * The route still works, and whoever calls it is told to stop: `Deprecation` (RFC 9745) says since when, `Sunset` (RFC 8594) from when on it
 * may be gone. See docs/reference/http-versions.md.
 */
export function Deprecated({ since, sunset }: { readonly since: Date; readonly sunset: Date }): MethodDecorator {
  if (sunset.getTime() - since.getTime() < shortestNoticeMs) throw new Error('a deprecated route stays for 180 days at least');
  return applyDecorators(
    Header('deprecation', `@${Math.floor(since.getTime() / 1000)}`),
    Header('sunset', sunset.toUTCString()),
    ApiExtension(mark, true),
  );
}

/** Takes the mark of {@link Deprecated} off a documented operation; whether it was there. */
export function takeDeprecatedMark(operation: object): boolean {
  return mark in operation && Reflect.deleteProperty(operation, mark);
}
