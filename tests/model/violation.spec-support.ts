/** Something that must never be so, is so. */
export class Violation extends Error {
  override readonly name = 'Violation';

  /** @param invariant what must always be so, in a sentence that names it */
  constructor(
    readonly invariant: string,
    detail: string,
  ) {
    super(`${invariant}: ${detail}`);
  }
}

export function holds(invariant: string, condition: boolean, detail: () => string): void {
  if (!condition) throw new Violation(invariant, detail());
}
