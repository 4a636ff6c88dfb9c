/** A Markdown table whose columns are aligned, to be read on a terminal as well. All but the first are of numbers. */
export function table(headings: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const widths = headings.map((heading, column) => Math.max(3, heading.length, ...rows.map((row) => row[column]?.length ?? 0)));
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell, column) => (column === 0 ? cell.padEnd(widths[column]!) : cell.padStart(widths[column]!))).join(' | ')} |`;
  const rule = widths.map((width, column) => (column === 0 ? '-'.repeat(width) : `${'-'.repeat(width - 1)}:`));
  return [line(headings), line(rule), ...rows.map(line)];
}

/** As many digits as say something: three, and none behind the point from a hundred on. */
export function digits(number: number): string {
  if (Math.abs(number) >= 99.95) return Math.round(number).toLocaleString('en-US');
  return String(Number(number.toPrecision(3)));
}
