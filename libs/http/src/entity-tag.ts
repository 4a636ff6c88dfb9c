import { Answer } from './answer.js';

/** Strong, so that `If-Match` can be met by it: what has the same name has to be the same to the byte. */
export function entityTag(name: string): string {
  return `"${name}"`;
}

/**
 * Whether what is there may be changed by a request with this `If-Match` (RFC 9110, 13.1.1). Compared strongly: a weak tag is never met. A
 * header that is no list of tags is met by nothing, for its sender meant to change something only under a condition.
 */
export function meetsIfMatch(header: string | undefined, current: string): boolean {
  if (header === undefined || header.trim() === '*') return true;
  return tagsIn(header)?.some(({ weak, tag }) => !weak && tag === current) ?? false;
}

/** Whether an answer has to be sent to a request with this `If-None-Match` (13.1.2). Compared weakly; what is no list of tags is left out. */
export function meetsIfNoneMatch(header: string | undefined, current: string): boolean {
  if (header === undefined) return true;
  if (header.trim() === '*') return false;
  return !tagsIn(header)?.some(({ tag }) => tag === current);
}

/** To whoever has what there is. */
export function notModified(etag: string): Answer {
  return new Answer(304, '', { etag }, false);
}

/** Undefined when it is no list of entity tags. Commas may stand within a tag. */
function tagsIn(header: string): { readonly weak: boolean; readonly tag: string }[] | undefined {
  const aTag = /(W\/)?("[\u{21}\u{23}-\u{7e}\u{80}-\u{ff}]*")/gu;
  const around = header.replaceAll(aTag, '\0').split(',');
  if (!around.every((part) => ['', '\0'].includes(part.trim()))) return undefined;
  return [...header.matchAll(aTag)].map(([, weak, tag]) => ({ weak: weak !== undefined, tag: tag! }));
}
