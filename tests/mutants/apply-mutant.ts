import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Plugin } from 'vite';
import { type Mutant, mutants } from './mutants.js';

/** Puts a deliberate bug into the code as it is loaded. The files stay as they are. */
export function applyMutant(name: string): Plugin {
  const mutant = mutants.find((each) => each.name === name);
  if (!mutant) throw new Error(`there is no mutant ${name}`);
  return {
    name: 'apply-mutant',
    enforce: 'pre',
    transform: (code, id) => (id.split('?')[0]!.endsWith(`/${mutant.file}`) ? mutate(code, mutant) : undefined),
  };
}

/** @throws Error when what is to be replaced is not there, or there more than once */
export function mutate(code: string, { name, file, find, replace }: Mutant): string {
  const found = code.split(find).length - 1;
  if (found !== 1) throw new Error(`mutant ${name}: what it replaces is ${found} times in ${file}`);
  return code.replace(find, () => replace);
}

export function mutatedFile(root: string, mutant: Mutant): string {
  return mutate(readFileSync(join(root, mutant.file), 'utf8'), mutant);
}
