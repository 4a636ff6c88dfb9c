import { bold, dim, say } from '../output.js';

export interface Letter {
  readonly id: string;
  readonly messageId: string;
  readonly queue: string;
  readonly type: string | null;
  readonly orderId: string | null;
  readonly status: string;
  readonly reason: string;
  readonly error: string;
  readonly attempts: number;
  readonly diedAt: string;
}

export interface WholeLetter extends Letter {
  readonly data: unknown;
  readonly text: string | null;
  readonly original: unknown;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly history: readonly {
    readonly at: string;
    readonly status: string;
    readonly cause: string;
    readonly error: string | null;
    readonly operator: string | null;
    readonly reason: string | null;
  }[];
}

/** Prints a table: a line of headings, a line for each row, columns as wide as they need to be. */
export function printTable(headings: readonly string[], rows: readonly (readonly (string | number | null)[])[], none: string): void {
  if (rows.length === 0) {
    say(none);
    return;
  }
  const cells = rows.map((row) => row.map((cell) => String(cell ?? '-')));
  const widths = headings.map((heading, column) => Math.max(heading.length, ...cells.map((row) => row[column]!.length)));
  const line = (row: readonly string[]) =>
    row
      .map((cell, column) => cell.padEnd(widths[column]!))
      .join('  ')
      .trimEnd();
  say(dim(line(headings)));
  for (const row of cells) say(line(row));
}

export function printLetters(letters: readonly Letter[], next: string | null): void {
  printTable(
    ['id', 'status', 'queue', 'type', 'died at', 'error'],
    letters.map(({ id, status, queue, type, diedAt, error }) => [id, status, queue, type, diedAt, inOneLine(error)]),
    'No dead letters.',
  );
  if (next) say(dim(`More: --after ${next}`));
}

export function printLetter(letter: WholeLetter): void {
  const { data, text, original, history } = letter;
  const entry = (what: string, value: string | number | null) => say(`${what.padEnd(10)}${value ?? '-'}`);
  say(bold(`${letter.id} is ${letter.status}`));
  entry('queue', letter.queue);
  entry('type', letter.type);
  entry('message', letter.messageId);
  entry('order', letter.orderId);
  entry('died at', letter.diedAt);
  entry('reason', `${letter.reason}, after ${letter.attempts} ${letter.attempts === 1 ? 'attempt' : 'attempts'}`);
  entry('error', inOneLine(letter.error, 1_000));
  say(`\n${dim('says')}\n${text ?? JSON.stringify(data, undefined, 2)}`);
  if (original !== null) say(`\n${dim('said before it was edited')}\n${JSON.stringify(original, undefined, 2)}`);
  say('');
  printTable(
    ['at', 'is', 'because', 'by', 'why'],
    history.map(({ at, status, cause, operator, reason, error }) => [at, status, cause, operator, inOneLine(reason ?? error ?? '')]),
    'It has no history.',
  );
}

const inOneLine = (text: string, most = 80): string => {
  const line = text.replaceAll(/\s+/g, ' ');
  return line.length > most ? `${line.slice(0, most - 1)}…` : line;
};
