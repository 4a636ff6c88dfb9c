import { cpSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { projectRoot } from '#libs/testing';
import { mutatedFile } from '../../mutants/apply-mutant.js';
import { mutants, type Mutant } from '../../mutants/mutants.js';

/** What the run has to notice, or it proves nothing. */
export const deliberateBugs: readonly Mutant[] = [
  ...mutants.filter(({ name }) => name === 'no-inbox'),
  {
    name: 'acknowledged-before-the-commit',
    why: 'A process that dies between the two has lost the message.',
    file: 'libs/messaging/src/batch-consumer.ts',
    find: 'await this.commit([taken]);\n        this.subscription.acknowledge(taken.delivery);',
    replace: 'this.subscription.acknowledge(taken.delivery);\n        await this.commit([taken]);',
  },
];

/** Builds a copy of the compiled services with the bug in it. @returns its folder */
export function buildWithBug(name: string, dir: string): string {
  const bug = deliberateBugs.find((each) => each.name === name);
  if (!bug) throw new Error(`there is no deliberate bug ${name}`);
  mkdirSync(dir, { recursive: true });
  for (const part of ['apps', 'libs']) cpSync(join(projectRoot, 'dist', part), join(dir, 'dist', part), { recursive: true });
  // Which files #libs/… stands for is found by the nearest package.json: here, those of the copy.
  cpSync(join(projectRoot, 'package.json'), join(dir, 'package.json'));
  const { outputText } = ts.transpileModule(mutatedFile(projectRoot, bug), {
    compilerOptions: {
      module: ts.ModuleKind.ESNext,
      target: ts.ScriptTarget.ES2023,
      experimentalDecorators: true,
      emitDecoratorMetadata: true,
    },
  });
  writeFileSync(join(dir, 'dist', bug.file.replace(/\.ts$/, '.js')), outputText);
  return dir;
}
