/** Where a dead letter stands. The same words in the database, in JSON and in the docs. */
export const letterStatuses = ['parked', 'replaying', 'done', 'duplicate', 'discarded'] as const;
export type LetterStatus = (typeof letterStatuses)[number];

/** What can happen to a dead letter: an operator decides, or the queue that was given it again. */
export const causes = ['replayed', 'edited', 'discarded', 'done', 'duplicate', 'died'] as const;
export type Cause = (typeof causes)[number];

/** Everything that may happen to a dead letter. What is not in here is refused. */
export const moves: readonly { readonly from: LetterStatus; readonly cause: Cause; readonly to: LetterStatus }[] = [
  { from: 'parked', cause: 'replayed', to: 'replaying' },
  { from: 'parked', cause: 'edited', to: 'replaying' },
  { from: 'parked', cause: 'discarded', to: 'discarded' },

  { from: 'replaying', cause: 'done', to: 'done' },
  { from: 'replaying', cause: 'duplicate', to: 'duplicate' },
  { from: 'replaying', cause: 'died', to: 'parked' },

  // A replay may be delivered twice, and the copies' ends be heard of in any order. That the message was handled is what stays.
  { from: 'parked', cause: 'done', to: 'done' },
  { from: 'parked', cause: 'duplicate', to: 'duplicate' },
  { from: 'duplicate', cause: 'done', to: 'done' },
];

/** This may not happen to a dead letter in this state. Over HTTP it is a conflict; as a message it has come too late. */
export class IllegalMove extends Error {
  override readonly name = 'IllegalMove';

  constructor(
    readonly from: LetterStatus,
    by: Cause,
  ) {
    super(`a dead letter that is ${from} cannot be ${by}`);
  }
}

const legal = new Map(moves.map(({ from, cause, to }) => [`${from} ${cause}`, to]));

export const isLegal = (from: LetterStatus, cause: Cause): boolean => legal.has(`${from} ${cause}`);

/**
 * What becomes of a dead letter.
 * @throws IllegalMove when the table has no row for it
 */
export function decide(from: LetterStatus, cause: Cause): LetterStatus {
  const to = legal.get(`${from} ${cause}`);
  if (!to) throw new IllegalMove(from, cause);
  return to;
}
