// In bounds, because without any a text of a million letters would take minutes.
const rules: readonly (readonly [RegExp, string])[] = [
  [/(\b\w{1,20}:\/\/[^\s:/@]{0,128}):[^\s@/]{1,256}@/g, '$1:[secret]@'],
  [/\b(Bearer|Basic) [\w.~+/-]{8,4096}=*/gi, '$1 [secret]'],
  [/\beyJ[\w-]{4,4096}\.[\w-]{4,4096}\.[\w-]{0,4096}/g, '[token]'],
  [/\b(?:sk|rk|pk)_\w{4,256}/g, '[secret]'],
  [/\bwhsec_[\w+/]{4,256}={0,2}/g, '[secret]'],
  [/[^\s"'<>()[\],;:@\\/]{1,64}@[^\s"'<>()[\],;:@\\/]{1,255}/g, '[e-mail]'],
];

// Maximal runs, in groups or not, and none that is a part of an id.
const digitRuns = /(?<![\w-])\d(?:[ -]?\d){13,18}(?![\w-])/g;

/** A text as a log may hold it: without passwords in addresses, tokens, keys, e-mail addresses and card numbers. */
export function redactText(text: string): string {
  const kept = rules.reduce((left, [pattern, mark]) => left.replaceAll(pattern, mark), text);
  return kept.replaceAll(digitRuns, (run) => (passesLuhn(run.replaceAll(/\D/g, '')) ? '[card number]' : run));
}

/** The check digit of ISO/IEC 7812-1. */
function passesLuhn(digits: string): boolean {
  let sum = 0;
  for (let place = 1; place <= digits.length; place++) {
    const digit = Number(digits[digits.length - place]);
    sum += place % 2 === 1 ? digit : digit * 2 - (digit > 4 ? 9 : 0);
  }
  return sum % 10 === 0;
}
