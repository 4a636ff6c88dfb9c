import { cardNumberWithin, type FieldError } from '#libs/http';

// In bounds, because without any a text of a million letters would take minutes.
const emails = /[^\s"'<>(),;:@\\]{1,64}@[^\s"'<>(),;:@\\]{1,255}/g;

const emailMark = '[e-mail]';
const cardMark = '[card number]';

/** A text without e-mail addresses, and with stars for the digits of one that holds what looks like a card number. */
export function redactText(text: string): string {
  const withoutEmails = text.replaceAll(emails, emailMark);
  return cardNumberWithin(withoutEmails) ? cardMark : withoutEmails;
}

/** A value as people may see it: {@link redactText} for every string in it, names of members included. */
export function redact(value: unknown): unknown {
  if (typeof value === 'string') return redactText(value);
  if (typeof value === 'number') return cardNumberWithin(String(value)) ? cardMark : value;
  if (Array.isArray(value)) return value.map(redact);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [redactText(name), redact(member)]));
}

/**
 * Takes back what was shown redacted and comes from somebody who has changed other parts of it: what still reads as it was shown is what it
 * was. Where a mark stands for nothing, it is named as wrong.
 */
export function unredact(edited: unknown, original: unknown, path: readonly string[] = []): { value: unknown; errors: FieldError[] } {
  if (typeof edited === 'string' && (edited.includes(emailMark) || edited.includes(cardMark))) {
    if (redact(original) === edited) return { value: original, errors: [] };
    const message = 'Reads like something that is hidden, and nothing is hidden here.';
    return { value: edited, errors: [{ pointer: `#/${path.map(encodeURIComponent).join('/')}`, code: 'redacted', message }] };
  }
  if (typeof edited !== 'object' || edited === null) return { value: edited, errors: [] };
  const before = (typeof original === 'object' && original !== null ? original : {}) as Record<string, unknown>;
  const members = Object.entries(edited).map(([name, member]) => [name, unredact(member, before[name], [...path, name])] as const);
  const errors = members.flatMap(([, member]) => member.errors);
  if (Array.isArray(edited)) return { value: members.map(([, { value }]) => value), errors };
  return { value: Object.fromEntries(members.map(([name, { value }]) => [name, value])), errors };
}
