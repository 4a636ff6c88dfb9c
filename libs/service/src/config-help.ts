import { z } from 'zod';
import { flagOf } from './config-sources.js';
import { saidOf } from './setting.js';

/** One setting, in words for whoever sets it. */
export interface SettingHelp {
  readonly name: string;
  readonly meaning: string;
  /** What it may be. */
  readonly form: string;
  /** What it is when it is left out; undefined when it has to be set, empty when it may be missing. */
  readonly otherwise: string | undefined;
  /** It may be given as a file, in `<name>_FILE`. */
  readonly secret: boolean;
}

/** All that a schema reads, in its order. */
export function settingsOf(schema: z.ZodObject): SettingHelp[] {
  const { properties = {} } = z.toJSONSchema(schema, { unrepresentable: 'any' }) as { properties?: Record<string, JsonSchema> };
  return Object.entries(schema.shape).map(([name, field]) => ({
    name,
    meaning: saidOf(field).description ?? '',
    form: formOf(properties[name] ?? {}),
    otherwise: otherwiseOf(field, properties[name] ?? {}),
    secret: saidOf(field).secret === true,
  }));
}

/** What `--help` says. */
export function helpText(service: string, schema: z.ZodObject): string {
  const settings = settingsOf(schema).flatMap(({ name, meaning, form, otherwise, secret }) => [
    `  --${flagOf(name)}  ${name}${secret ? ` or ${name}_FILE` : ''}`,
    ...wrapped(`${meaning} ${sentence([form, otherwise === undefined ? 'has to be set' : otherwise && `otherwise ${otherwise}`])}`),
  ]);
  return [
    `The ${service} service. What is set first wins: on the command line, in the environment, in .env.<NODE_ENV>, in .env.`,
    'A secret may stand in a file, which <name>_FILE names.',
    '',
    ...settings,
    '',
    'Exit codes: 0 stopped, 69 something that it needs is away, 70 a fault of its own, 78 a setting.',
  ].join('\n');
}

function sentence(parts: readonly string[]): string {
  const text = parts.filter(Boolean).join('; ');
  return text && `${text[0]!.toUpperCase()}${text.slice(1)}.`;
}

interface JsonSchema {
  readonly type?: string;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly minLength?: number;
  readonly enum?: readonly string[];
  readonly format?: string;
  readonly default?: unknown;
}

/** JSON Schema's bound of whole numbers that no one has set. */
const unbounded = Number.MAX_SAFE_INTEGER;

function formOf({ type, minimum, maximum, minLength, enum: values, format }: JsonSchema): string {
  if (values) return `one of ${values.join(', ')}`;
  if (type === 'integer' || type === 'number') {
    const from = minimum !== undefined && minimum > -unbounded ? `from ${minimum}` : '';
    const to = maximum !== undefined && maximum < unbounded ? `to ${maximum}` : '';
    return [type === 'integer' ? 'a whole number' : 'a number', from, to].filter(Boolean).join(' ');
  }
  if (type === 'boolean') return 'true or false';
  if (format === 'uri') return 'an address';
  if (format === 'email') return 'an e-mail address';
  return minLength !== undefined && minLength > 1 ? `${minLength} characters or more` : '';
}

function otherwiseOf(field: z.core.$ZodType, { default: value }: JsonSchema): string | undefined {
  const { leftOut } = saidOf(field);
  if (leftOut !== undefined) return leftOut;
  if (value !== undefined) return JSON.stringify(value).replaceAll('"', '');
  return z.safeParse(field, undefined).success ? '' : undefined;
}

function wrapped(text: string, width = 100): string[] {
  const lines: string[] = [];
  for (const word of text.split(/\s+/).filter(Boolean)) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + word.length < width) lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines.map((line) => `      ${line}`);
}
