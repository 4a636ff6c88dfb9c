import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs, parseEnv } from 'node:util';
import type { z } from 'zod';
import { saidOf } from './setting.js';

/** Where settings come from. What comes first wins: the command line, the environment, `.env.<NODE_ENV>`, `.env`, and then the defaults. */
export interface ConfigSources {
  readonly env: NodeJS.ProcessEnv;
  /** `--http-port 3001` or `--http-port=3001` sets HTTP_PORT. */
  readonly args?: readonly string[];
  /** Where the two files are looked for; without it nowhere. */
  readonly folder?: string;
}

export interface GatheredSettings {
  readonly set: Readonly<Record<string, string>>;
  /** What was given and means nothing, a line each. */
  readonly faults: readonly string[];
}

/** What `npm start` and the tests read in the environment that services inherit from them. */
const readByTools = ['ORDERLY_POSTGRES_URL', 'ORDERLY_RABBITMQ_URL', 'ORDERLY_RABBITMQ_MANAGEMENT_URL'];

/** Puts together what all the places say about the settings of a schema. */
export function gatherSettings(schema: z.ZodObject, { env, args = [], folder }: ConfigSources): GatheredSettings {
  const line = readCommandLine(schema, args);
  const files =
    folder === undefined ? [] : [`.env.${env['NODE_ENV'] ?? 'development'}`, '.env'].map((name) => readEnvFile(join(folder, name)));
  const set: Record<string, string> = {};
  for (const source of [line.set, env, ...files]) {
    // Compose and shells pass on a variable that isn't set as an empty one.
    for (const [name, value] of Object.entries(source)) if (value !== undefined && value !== '') set[name] ??= value;
  }
  const faults = [...line.faults];
  for (const name of Object.keys(set)) {
    if (name.startsWith('ORDERLY_') && !readByTools.includes(name) && !(name in schema.shape)) faults.push(`  ${name}: is read by nobody`);
  }
  for (const [name, field] of Object.entries(schema.shape)) {
    const path = set[`${name}_FILE`];
    if (path === undefined || !saidOf(field).secret) continue;
    if (set[name] !== undefined) {
      faults.push(`  ${name}_FILE: is set, as is ${name}: one of them is enough`);
      continue;
    }
    try {
      set[name] = readFileSync(path, 'utf8').trimEnd();
    } catch (error) {
      faults.push(`  ${name}_FILE: names a file that cannot be read (${(error as NodeJS.ErrnoException).code})`);
    }
  }
  return { set, faults };
}

/** The flag of a setting: `--http-port` of HTTP_PORT. */
export const flagOf = (name: string): string => name.toLowerCase().replaceAll('_', '-');

function readCommandLine(schema: z.ZodObject, args: readonly string[]): { set: Record<string, string>; faults: string[] } {
  const names = Object.entries(schema.shape).flatMap(([name, field]) => (saidOf(field).secret ? [name, `${name}_FILE`] : [name]));
  const settingOf = new Map(names.map((name) => [flagOf(name), name]));
  const options = Object.fromEntries([...settingOf.keys()].map((flag) => [flag, { type: 'string' as const }]));
  const { tokens } = parseArgs({ args: [...args], options, strict: false, allowPositionals: true, tokens: true });
  const set: Record<string, string> = {};
  const faults: string[] = [];
  for (const [place, token] of tokens.entries()) {
    const before = tokens[place - 1];
    if (token.kind === 'option') {
      const { rawName, value, inlineValue } = token;
      const name = settingOf.get(token.name);
      if (name === undefined) faults.push(`  ${rawName}: there is no such setting (--help lists them)`);
      else if (value === undefined || (!inlineValue && value.startsWith('--'))) faults.push(`  ${rawName}: has no value`);
      else set[name] = value;
    } else if (token.kind === 'positional' && !(before?.kind === 'option' && !settingOf.has(before.name))) {
      // It is not repeated, as it may be a secret.
      faults.push('  a word on the command line belongs to no setting');
    }
  }
  return { set, faults };
}

function readEnvFile(path: string): NodeJS.Dict<string> {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return {};
    throw error;
  }
  return parseEnv(text);
}
