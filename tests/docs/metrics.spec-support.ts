import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { register } from 'prom-client';
import { root } from './documentation.spec-support.js';

export interface DocumentedMetric {
  readonly name: string;
  readonly type: 'counter' | 'gauge' | 'histogram' | 'summary';
  readonly labels: readonly string[];
  readonly help: string;
}

/** What of a metric prom-client keeps to itself. */
interface RegisteredMetric {
  readonly name: string;
  readonly help: string;
  readonly type: DocumentedMetric['type'];
  readonly labelNames?: readonly string[];
}

/** Every metric of ours by the folder that declares it, in the order of their declarations. */
export async function declaredMetrics(): Promise<Map<string, DocumentedMetric[]>> {
  const files = ['libs', 'apps'].flatMap((kind) => readdirSync(join(root, kind)).map((name) => `${kind}/${name}/src/metrics.ts`));
  const declared = new Map<string, DocumentedMetric[]>();
  for (const file of files.filter((path) => existsSync(join(root, path))).toSorted()) {
    await import(join(root, file));
    const names = [...readFileSync(join(root, file), 'utf8').matchAll(/\bname: '(\w+)'/g)].map(([, name = '']) => name);
    declared.set(file.split('/').slice(0, 2).join('/'), names.map(describe));
  }
  return declared;
}

function describe(name: string): DocumentedMetric {
  const { help, type, labelNames = [] } = register.getSingleMetric(name) as unknown as RegisteredMetric;
  return { name, help, type, labels: labelNames };
}
