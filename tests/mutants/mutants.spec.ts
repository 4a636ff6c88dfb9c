import { describe, expect, it } from 'vitest';
import { projectRoot } from '#libs/testing';
import { mutatedFile } from './apply-mutant.js';
import { mutants } from './mutants.js';

describe('a deliberate bug', () => {
  it('has a name of its own', () => {
    expect(new Set(mutants.map(({ name }) => name)).size).toBe(mutants.length);
  });

  it.each(mutants)('replaces one place of the code: $name', (mutant) => {
    expect(mutatedFile(projectRoot, mutant)).toContain(mutant.replace);
  });
});
