import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The project's folder. */
export const root = fileURLToPath(new URL('../../', import.meta.url));

/** Every page, by its path in the project. */
export function pages(): string[] {
  const inDocs = readdirSync(join(root, 'docs'), { recursive: true, encoding: 'utf8' }).map((path) => `docs/${path.replaceAll('\\', '/')}`);
  return [...readdirSync(root), ...inDocs].filter((path) => path.endsWith('.md')).toSorted();
}

export function readPage(path: string): string {
  return readFileSync(join(root, path), 'utf8');
}

/**
 * What stands in a page between `<!-- generated: name -->` and `<!-- /generated -->`, in lines. It is first
 * replaced by what the code makes of it now when asked to: `UPDATE_DOCS=1 npm test -- tests/docs`.
 */
export function generatedLines(path: string, name: string, current: readonly string[]): string[] {
  const page = readPage(path);
  const section = new RegExp(`(<!-- generated: ${name} -->\n\n)(.*?)(\n\n<!-- /generated -->)`, 's');
  const [, opening, written, closing] = section.exec(page) ?? [];
  if (written === undefined) throw new Error(`${path} has no markers for ${name}`);
  if (process.env['UPDATE_DOCS'] !== '1') return written.split('\n');
  writeFileSync(
    join(root, path),
    page.replace(section, () => [opening, current.join('\n'), closing].join('')),
  );
  return [...current];
}

/** A Markdown table. */
export function table(headings: readonly string[], rows: readonly (readonly (string | number)[])[]): string[] {
  return [headings, headings.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`);
}

/** A fenced block. */
export function fenced(language: string, lines: readonly string[]): string[] {
  return [`\`\`\`${language}`, ...lines, '```'];
}
