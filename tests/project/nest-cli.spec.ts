import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { projectRoot } from '#libs/testing';

interface NestCli {
  projects: Record<string, { type: string; root: string; sourceRoot: string; entryFile: string }>;
}

it('nest-cli.json lists every app and lib, where they are', () => {
  const { projects } = JSON.parse(readFileSync(join(projectRoot, 'nest-cli.json'), 'utf8')) as NestCli;
  const listed = Object.entries(projects).map(([name, { type, root }]) => `${name} ${type} ${root}`);
  const folders = (parent: string, type: string) =>
    readdirSync(join(projectRoot, parent)).map((name) => `${name} ${type} ${parent}/${name}`);
  expect(listed.toSorted()).toEqual([...folders('apps', 'application'), ...folders('libs', 'library')].toSorted());
  for (const { sourceRoot, entryFile } of Object.values(projects))
    expect(existsSync(join(projectRoot, sourceRoot, `${entryFile}.ts`))).toBe(true);
});
