import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { describe, expect, it } from 'vitest';
import { pages, readPage, root } from './documentation.spec-support.js';

interface Link {
  readonly text: string;
  readonly file: string;
  readonly anchor: string | undefined;
}

/** The relative links of a page; what stands in code is none. */
function linksOf(page: string): Link[] {
  const prose = readPage(page).replaceAll(/^```.*?^```/gms, '');
  return [...prose.matchAll(/\[([^\]]+)\]\(([^)\s]+)\)/g)].flatMap(([, text = '', target = '']) => {
    if (/^[a-z]+:/.test(target)) return [];
    const [path = '', anchor] = target.split('#', 2);
    return [{ text, file: path === '' ? page : relative(root, join(root, dirname(page), path)).replaceAll('\\', '/'), anchor }];
  });
}

/** The anchors that GitHub gives to the headings of a page. */
function anchorsOf(page: string): string[] {
  const headings = [...readPage(page).matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) => heading.toLowerCase());
  return headings.map((heading) => heading.replaceAll(/[^\p{L}\p{N} _-]/gu, '').replaceAll(' ', '-'));
}

describe.each(pages())('%s', (page) => {
  const links = linksOf(page);

  it('links to files that are there', () => {
    expect(links.filter(({ file }) => !existsSync(join(root, file))).map(({ file }) => file)).toEqual([]);
  });

  it('links to headings that are there', () => {
    const lost = links.filter(
      ({ file, anchor }) => anchor && file.endsWith('.md') && existsSync(join(root, file)) && !anchorsOf(file).includes(anchor),
    );
    expect(lost.map(({ file, anchor }) => `${file}#${anchor}`)).toEqual([]);
  });

  // A link to a spec that is called by a file's name stands in backticks; any other is called by the test that shows what is claimed.
  it('names tests and faults by words that stand where they are', () => {
    const shows = /\.spec\.ts$|^tests\/chaos\/harness\/faults\//;
    const named = links.filter(({ file, text }) => shows.test(file) && !text.startsWith('`') && existsSync(join(root, file)));
    expect(
      named.filter(({ file, text }) => !readFileSync(join(root, file), 'utf8').includes(text)).map(({ file, text }) => `${file}: ${text}`),
    ).toEqual([]);
  });
});

describe('the README', () => {
  it('is a page that one reads, and no manual: 120 to 160 lines', () => {
    const lines = readPage('README.md').trimEnd().split('\n').length;
    expect(lines).toBeGreaterThanOrEqual(120);
    expect(lines).toBeLessThanOrEqual(160);
  });
});

describe('the documentation', () => {
  it('can be reached from the README, every page of it', () => {
    const reached = new Set(['README.md']);
    for (const page of reached)
      for (const { file } of linksOf(page)) if (file.endsWith('.md') && existsSync(join(root, file))) reached.add(file);
    expect(pages().filter((page) => !reached.has(page))).toEqual([]);
  });
});
