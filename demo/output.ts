import { styleText } from 'node:util';

const colourful = process.stdout.isTTY && !process.env['NO_COLOR'];

/** Colours and weights, on a terminal that wants them. */
const paint = (style: Parameters<typeof styleText>[0]) => (text: string) => (colourful && text !== '' ? styleText(style, text) : text);
export const bold = paint('bold');
export const dim = paint('dim');
export const cyan = paint('cyan');
export const green = paint('green');
export const red = paint('red');

/** Prints a line of text, or several. */
export function say(text = ''): void {
  console.log(text);
}

/**
 * Shows that something is being done, and in the end how long it took, as the bootstrap does.
 * @param work may say more, which is printed below
 */
export async function step<T>(title: string, work: (more: (text: string) => void) => Promise<T>): Promise<T> {
  const startedAt = Date.now();
  const elapsed = () => `${((Date.now() - startedAt) / 1000).toFixed(1)} s`;
  const live = process.stdout.isTTY;
  const begin = live ? `\r${title} …` : '';
  let open = true;
  process.stdout.write(`${title} …`);
  const ticking = live ? setInterval(() => open && process.stdout.write(`${begin} ${elapsed()}`), 200) : undefined;
  const end = (outcome: string) => {
    clearInterval(ticking);
    process.stdout.write(open ? `${begin} ${outcome}\n` : `  … ${outcome}\n`);
  };
  try {
    const result = await work((text) => {
      if (open) process.stdout.write('\n');
      open = false;
      say(`  ${text}`);
    });
    end(elapsed());
    return result;
  } catch (error) {
    end(red(`failed after ${elapsed()}`));
    throw error;
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
