import { applyDecorators } from '@nestjs/common';
import { ApiExtension } from '@nestjs/swagger';
import type { ProblemSlug } from './problem-details.js';

const prefix = 'x-problem-';

/** Documents problems of a route beyond those that follow from its other decorators. */
export function Refusals(...slugs: ProblemSlug[]): MethodDecorator {
  // One extension each: of two with the same name Swagger keeps only the first.
  return applyDecorators(...slugs.map((slug) => ApiExtension(`${prefix}${slug}`, true)));
}

/** Takes the marks of {@link Refusals} off a documented operation. */
export function takeRefusals(operation: object): ProblemSlug[] {
  const marks = Object.keys(operation).filter((name) => name.startsWith(prefix));
  for (const mark of marks) Reflect.deleteProperty(operation, mark);
  return marks.map((mark) => mark.slice(prefix.length) as ProblemSlug);
}
