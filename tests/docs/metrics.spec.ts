import { describe, expect, it } from 'vitest';
import { generatedLines, table } from './documentation.spec-support.js';
import { declaredMetrics } from './metrics.spec-support.js';

const declared = await declaredMetrics();
const all = [...declared.values()].flat();
const code = (word: string) => `\`${word}\``;

describe('the page about the metrics, which UPDATE_DOCS=1 rewrites', () => {
  it('lists each with its type, its labels and its meaning', () => {
    const lines = [...declared].flatMap(([folder, metrics], index) => [
      ...(index > 0 ? [''] : []),
      `## ${folder}`,
      '',
      ...table(
        ['Name', 'Type', 'Labels', 'Meaning'],
        metrics.map(({ name, type, labels, help }) => [code(name), type, labels.map(code).join(' '), help.replaceAll('|', '\\|')]),
      ),
    ]);
    expect(generatedLines('docs/reference/metrics.md', 'metrics', lines)).toEqual(lines);
  });
});

describe('a metric', () => {
  it.each(all.map(({ name, type }) => [name, type]))('%s is called after what it measures, and after its unit', (name, type) => {
    expect(name).toMatch(/^orderly_[a-z]+(_[a-z]+)*$/);
    expect(name.endsWith('_total')).toBe(type === 'counter');
  });

  it('has no label that has a value for each order, customer or message', () => {
    const labels = [...new Set(all.flatMap((metric) => metric.labels))];
    expect(labels.filter((label) => /(^|_)ids?$|customer|email|subject|message|caller|address|url|path/.test(label))).toEqual([]);
  });

  it('says what it means', () => expect(all.filter(({ help }) => help.length < 15)).toEqual([]));
});
