import { parseArgs } from 'node:util';

export const usage = `npm run orderly -- <command> [options]

  dead-letters list              newest first; --queue, --type, --error, --status, --limit, --after
  dead-letters groups            counted by queue, type and error; --status
  dead-letters show <id>         one, with what it says and what became of each replay
  dead-letters replay <id>       gives it to the queue that failed, once more
  dead-letters replay            many: --queue, --type, --error, --limit; says what it would do until --no-dry-run
  dead-letters edit-and-replay <id> --data <json | @file | ->
  dead-letters discard <id>      it is never handled
  queues                         what waits in each queue, and who takes from it
  outbox                         what each service has yet to send
  verify                         what npm run verify does, with its options

  --reason <text>    why: with replay, edit-and-replay and discard
  --operator <name>  who you are at the demo, which gives anybody a token (your login); elsewhere ORDERLY_TOKEN says it
  --console <url>    the console's address (ORDERLY_CONSOLE_URL; else the demo that runs; else http://127.0.0.1:3000)
  --folder <path>    of the demo (.local/demo)
  --json             what the console answered, and nothing else
  --help             this text

Exit codes: 0 done, 1 the console refused it, 2 the command line, 4 there is no such thing, 69 the console can't be reached.`;

/** The command line can't be understood. */
export class BadUsage extends Error {
  override readonly name = 'BadUsage';
}

const options = {
  help: { type: 'boolean', default: false },
  json: { type: 'boolean', default: false },
  'no-dry-run': { type: 'boolean', default: false },
  console: { type: 'string' },
  operator: { type: 'string' },
  reason: { type: 'string' },
  data: { type: 'string' },
  folder: { type: 'string', default: '.local/demo' },
  queue: { type: 'string' },
  type: { type: 'string' },
  error: { type: 'string' },
  status: { type: 'string' },
  limit: { type: 'string' },
  after: { type: 'string' },
} as const;

type Options = ReturnType<typeof parseArgs<{ options: typeof options; allowPositionals: true; args: string[] }>>['values'];
type OptionName = keyof typeof options;

const everywhere: readonly OptionName[] = ['help', 'json', 'console', 'operator', 'folder'];
const filter: readonly OptionName[] = ['queue', 'type', 'error', 'limit'];

/** Each command with the options that are its own, and whether it takes an id. */
const commands = {
  'dead-letters list': { takes: [...filter, 'status', 'after'], id: 'none' },
  'dead-letters groups': { takes: ['status'], id: 'none' },
  'dead-letters show': { takes: [], id: 'one' },
  'dead-letters replay': { takes: [...filter, 'reason', 'no-dry-run'], id: 'perhaps' },
  'dead-letters edit-and-replay': { takes: ['reason', 'data'], id: 'one' },
  'dead-letters discard': { takes: ['reason'], id: 'one' },
  queues: { takes: [], id: 'none' },
  outbox: { takes: [], id: 'none' },
} as const satisfies Record<string, { takes: readonly OptionName[]; id: 'none' | 'one' | 'perhaps' }>;

export type CommandName = keyof typeof commands;

export interface Command {
  readonly name: CommandName;
  readonly id: string | undefined;
  readonly options: Options;
}

/**
 * What a command line asks for; undefined when it asks for help.
 * @throws BadUsage
 */
export function readCommand(args: readonly string[]): Command | undefined {
  const { values, positionals } = parse(args);
  if (values.help) return undefined;
  const words = positionals[0] === 'dead-letters' ? 2 : 1;
  const name = positionals.slice(0, words).join(' ');
  if (name === '') throw new BadUsage('What is to be done?');
  if (!Object.hasOwn(commands, name)) throw new BadUsage(`There is no command ${name}`);
  const { takes, id: wanted } = commands[name as CommandName] as { takes: readonly OptionName[]; id: string };
  const [id, ...rest] = positionals.slice(words);
  if (rest.length > 0 || (id !== undefined && wanted === 'none')) throw new BadUsage(`${name} takes no ${rest[0] ?? id}`);
  if (id === undefined && wanted === 'one') throw new BadUsage(`${name} takes the id of a dead letter`);
  const given = (Object.keys(values) as OptionName[]).filter((option) => values[option] !== undefined && values[option] !== false);
  const foreign = given.find((option) => !everywhere.includes(option) && !takes.includes(option));
  if (foreign) throw new BadUsage(`${name} takes no --${foreign}`);
  const ofMany = given.find((option) => filter.includes(option) || option === 'no-dry-run');
  if (wanted === 'perhaps' && id !== undefined && ofMany) throw new BadUsage(`--${ofMany} is for many, and ${id} is one`);
  if (takes.includes('reason') && !values.reason?.trim()) throw new BadUsage(`${name} needs a --reason: it is kept with your name`);
  if (takes.includes('data') && values.data === undefined) throw new BadUsage(`${name} needs --data: all that the message is to say`);
  if (values.limit !== undefined && !/^\d{1,4}$/.test(values.limit)) throw new BadUsage(`--limit takes a number, not ${values.limit}`);
  return { name: name as CommandName, id, options: values };
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options, allowPositionals: true });
  } catch (error) {
    throw new BadUsage((error as Error).message);
  }
}
