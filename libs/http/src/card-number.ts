// A UUID also without its dashes: its digits are chance, and one in a thousand would be refused.
const uuids = /(?<![0-9a-f])(?:[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|[0-9a-f]{32})(?![0-9a-f])/gi;

// Maximal runs only, in fours also with underscores, as the names of payment methods may have them. In fours, what follows the last whole four may be a card's short end or something else, such as an expiry date, so
// both readings are taken.
const plainRuns = /(?<!\d)\d{14,19}(?!\d)/g;
const runsInFours = /(?<!\d)(?<!(?<!\d)\d{4}[ _-])(\d{4}(?:[ _-]\d{4}(?!\d)){2,})(?:[ _-](\d{1,3})(?!\d))?(?!\d|[ _-]\d{4}(?!\d))/g;

// What has no fourteen digits, with a separator between any two of them at most, needs no closer look. That is nearly everything.
const fourteenDigits = /(?:\d[ _-]?){14}/;

/** Whether a text holds what looks like a payment card's number: see "A card number is refused" in the HTTP contract. */
export function cardNumberIn(text: string): boolean {
  return fourteenDigits.test(text) && findCardNumber(text.replace(uuids, 'u'));
}

function findCardNumber(text: string): boolean {
  for (const [run] of text.matchAll(plainRuns)) if (passesLuhn(run)) return true;
  for (const [, fours = '', end = ''] of text.matchAll(runsInFours)) {
    const digits = fours.replaceAll(/[ _-]/g, '');
    for (const candidate of [digits, digits + end]) {
      if (candidate.length >= 14 && candidate.length <= 19 && passesLuhn(candidate)) return true;
    }
  }
  return false;
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

/** Whether a value holds a card number in any string, at any depth, names of members included. */
export function cardNumberWithin(value: unknown): boolean {
  // An own stack: 64 KiB of brackets are deeper than the call stack.
  const left: unknown[] = [value];
  while (left.length > 0) {
    const next = left.pop();
    if (typeof next === 'string' && cardNumberIn(next)) return true;
    if (typeof next !== 'object' || next === null) continue;
    for (const [name, member] of Object.entries(next)) left.push(name, member);
  }
  return false;
}
