import { isDeepStrictEqual } from 'node:util';

/** As much of a JSON Schema as messages use. What is not named here is compared as it stands. */
export interface JsonSchema {
  readonly [keyword: string]: unknown;
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly required?: readonly string[];
  readonly items?: JsonSchema;
}

// They say something about a value and refuse none.
const annotations = new Set(['$id', '$schema', 'title', 'description', 'examples', 'deprecated']);

/**
 * What in a message's schema has changed so that it needs a new version, in words; nothing when the change is one that may be deployed in any
 * order. Old and new replicas write to each other, and messages of both are in flight: what the one writes the other has to read. So only a
 * member that may be left out can come, and whatever else says which values are right stays as it is, wider or narrower.
 */
export function incompatibleChanges(published: JsonSchema, current: JsonSchema, where = ''): string[] {
  const [before, after] = [published.properties ?? {}, current.properties ?? {}];
  const [mustBefore, mustAfter] = [published.required ?? [], current.required ?? []];
  const members = [...new Set([...Object.keys(before), ...Object.keys(after)])].flatMap((name) => {
    const member = `${where}/${name}`;
    const [old, now] = [before[name], after[name]];
    if (!now) return [`${member} is gone: receivers of before may need it`];
    const isDue = mustAfter.includes(name);
    if (!old) return isDue ? [`${member} is new and required: messages of before lack it`] : [];
    return [
      ...(isDue && !mustBefore.includes(name) ? [`${member} has become required: messages of before may lack it`] : []),
      ...(!isDue && mustBefore.includes(name) ? [`${member} may be left out: receivers of before need it`] : []),
      ...incompatibleChanges(old, now, member),
    ];
  });
  const lists = published.items && current.items;
  const items = lists ? incompatibleChanges(published.items, current.items, `${where}/*`) : [];
  const keywords = [...new Set([...Object.keys(published), ...Object.keys(current)])]
    .filter((keyword) => !annotations.has(keyword) && keyword !== 'properties' && keyword !== 'required' && !(lists && keyword === 'items'))
    .filter((keyword) => !isDeepStrictEqual(published[keyword], current[keyword]))
    .map((keyword) => `${where || '/'}: ${keyword} was ${word(published[keyword])} and is ${word(current[keyword])}`);
  return [...members, ...items, ...keywords];
}

const word = (value: unknown) => (value === undefined ? 'not given' : JSON.stringify(value));
