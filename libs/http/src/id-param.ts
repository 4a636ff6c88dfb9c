import { Param, type PipeTransform } from '@nestjs/common';
import { z } from 'zod';
import { problem, problems, type ProblemSlug } from './problem-details.js';
import { Refusals } from './refusals.js';

const Id = z.uuid().meta({ examples: ['0199b3a0-0000-7000-8000-000000000001'] });

/** An id in the path. What is not an id names nothing: 404 with this problem, as if it were unknown. */
export function IdParam(name: string, notFound: ProblemSlug): ParameterDecorator {
  const parameter = Param(name, { pipes: [new IdPipe(notFound)], schema: Id });
  return (target, method, index) => {
    parameter(target, method, index);
    if (method !== undefined) Refusals(notFound)(target, method, Object.getOwnPropertyDescriptor(target, method) ?? {});
  };
}

class IdPipe implements PipeTransform<string, string> {
  constructor(private readonly notFound: ProblemSlug) {}

  transform(text: string): string {
    if (!Id.safeParse(text).success) throw problem(this.notFound, `${problems[this.notFound].title}.`);
    return text.toLowerCase();
  }
}
