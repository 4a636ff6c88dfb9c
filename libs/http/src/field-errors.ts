import type { z } from 'zod';
import type { FieldError } from './problem-details.js';

type Issue = z.core.$ZodIssue;
type Path = readonly PropertyKey[];

/** What a schema has against a value, as the problem `validation` lists it. No message repeats what was sent. */
export function fieldErrors(issues: readonly Issue[], input: unknown): FieldError[] {
  return issues.flatMap((issue) => {
    if (issue.code === 'unrecognized_keys') return issue.keys.map((key) => unknownMember([...issue.path, key]));
    return [{ pointer: pointerTo(issue.path), ...reason(issue, valueAt(input, issue.path)) }];
  });
}

function unknownMember(path: Path): FieldError {
  return { pointer: pointerTo(path), code: 'unknown-member', message: 'Nothing of this name is known here.' };
}

/** The errors of text that no database column takes, in a value that its schema accepted. */
export function unstorableText(value: unknown, path: Path = []): FieldError[] {
  if (typeof value === 'string') {
    return /[\0\p{Surrogate}]/u.test(value)
      ? [{ pointer: pointerTo(path), code: 'invalid-character', message: 'Holds a NUL or half of a surrogate pair.' }]
      : [];
  }
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, member]) => unstorableText(member, [...path, name]));
}

function reason(issue: Issue, value: unknown): Pick<FieldError, 'code' | 'message'> {
  if (issue.code === 'custom') return { code: String(issue.params?.['code'] ?? 'invalid'), message: issue.message };
  if (value === undefined) return { code: 'required', message: 'Is required.' };
  if (issue.code === 'invalid_type' && issue.expected === 'int') return { code: 'not-an-integer', message: 'Has to be a whole number.' };
  if (issue.code === 'invalid_type') return { code: 'wrong-type', message: issue.message };
  return { code: issue.code.replaceAll('_', '-'), message: issue.message };
}

/** A JSON pointer in its URI form (RFC 6901 §6). */
function pointerTo(path: Path): string {
  const steps = path.map((step) => {
    const name = String(step).replaceAll('~', '~0').replaceAll('/', '~1');
    // Through bytes, because half of a surrogate pair has no encoding.
    return `/${encodeURIComponent(Buffer.from(name).toString())}`;
  });
  return `#${steps.join('')}`;
}

function valueAt(input: unknown, path: Path): unknown {
  return path.reduce<unknown>(
    (value, step) => (typeof value === 'object' && value !== null ? (value as Record<PropertyKey, unknown>)[step] : undefined),
    input,
  );
}
