import { styleText } from 'node:util';

const colourful = process.stdout.isTTY === true && !process.env['NO_COLOR'];

/** Colours and weights, on a terminal that wants them. */
const paint = (style: Parameters<typeof styleText>[0]) => (text: string) => (colourful ? styleText(style, text) : text);
export const bold = paint('bold');
export const dim = paint('dim');
export const cyan = paint('cyan');
export const green = paint('green');
export const red = paint('red');

/** Prints a line of text, or several. */
export function say(text = ''): void {
  console.log(text);
}

/** What is done while a step's line stands there can say more below it. */
export type Say = (line: string) => void;

/** Shows that something is being done, and in the end how long it took, as the bootstrap does. */
export async function step<T>(title: string, work: (say: Say) => Promise<T>): Promise<T> {
  const startedAt = Date.now();
  const elapsed = () => dim(`${((Date.now() - startedAt) / 1000).toFixed(1)} s`);
  const live = process.stdout.isTTY;
  let open = true;
  process.stdout.write(`${title} … `);
  const ticking = live ? setInterval(() => open && process.stdout.write(`\r${title} … ${elapsed()} `), 200) : undefined;
  const more = (line: string) => {
    process.stdout.write(open ? `${live ? `\r${title} …         ` : ''}\n` : '');
    open = false;
    say(`  ${line}`);
  };
  const close = (outcome: string) => process.stdout.write(open ? `${live ? `\r${title} … ` : ''}${outcome}\n` : `  … ${outcome}\n`);
  try {
    const result = await work(more);
    close(elapsed());
    return result;
  } catch (error) {
    close(red(`failed after ${elapsed()}`));
    throw error;
  } finally {
    clearInterval(ticking);
  }
}

/** A table as lines, each column as wide as its widest cell. */
export function table(headings: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const widths = headings.map((heading, column) => Math.max(heading.length, ...rows.map((row) => row[column]?.length ?? 0)));
  const line = (cells: readonly string[]) =>
    cells
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd();
  return [bold(line(headings)), ...rows.map(line)];
}
