import { ApiExtension } from '@nestjs/swagger';
import type { ProblemSlug } from './problem-details.js';

const REFUSALS = 'orderly:refusals';

/** Documents problems of a route beyond those that every route shares. */
export function Refusals(...slugs: ProblemSlug[]): MethodDecorator {
  return (target, property, descriptor: TypedPropertyDescriptor<any>) => {
    const all = [...(Reflect.getMetadata(REFUSALS, descriptor.value) ?? []), ...slugs];
    Reflect.defineMetadata(REFUSALS, all, descriptor.value);
    ApiExtension('x-problems', all)(target, property, descriptor);
  };
}
