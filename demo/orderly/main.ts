/** `npm run orderly`: what operators do, in a terminal. Everything but verify is a call of the console. */
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { NotInProduction } from '#libs/issuer';
import { say } from '../output.js';
import { operatorTokenOfDemo } from '../issuer-of-demo.js';
import { addressesOfDemo } from '../running-demo.js';
import { BadUsage, readCommand, usage, type Command, type CommandName } from './command-line.js';
import { ConsoleClient, loginName, NotFound, Refused, Unavailable } from './console-client.js';
import { printLetter, printLetters, printTable, type Letter, type WholeLetter } from './printing.js';

/** By sysexits.h: a service is not available. */
const unavailable = 69;

// This file runs as dist/demo/orderly/main.js.
const projectFolder = fileURLToPath(new URL('../../../', import.meta.url));

interface Group {
  readonly queue: string;
  readonly type: string | null;
  readonly error: string;
  readonly count: number;
  readonly lastDiedAt: string;
}

/** Each asks the console, and comes back with the answer and how to print it. */
const commands: Record<CommandName, (client: ConsoleClient, command: Command) => Promise<{ answer: unknown; print: () => void }>> = {
  async 'dead-letters list'(client, { options: { queue, type, error, status, limit, after } }) {
    const answer = await client.get<{ items: Letter[]; next: string | null }>('/dead-letters', {
      queue,
      type,
      error,
      status,
      limit,
      after,
    });
    return { answer, print: () => printLetters(answer.items, answer.next) };
  },
  async 'dead-letters groups'(client, { options: { status } }) {
    const answer = await client.get<{ items: Group[] }>('/dead-letters/groups', { status });
    const rows = answer.items.map(({ count, queue, type, lastDiedAt, error }) => [count, queue, type, lastDiedAt, error]);
    return { answer, print: () => printTable(['count', 'queue', 'type', 'last died at', 'error'], rows, 'No dead letters.') };
  },
  async 'dead-letters show'(client, { id }) {
    const answer = await client.get<WholeLetter>(`/dead-letters/${encodeURIComponent(id!)}`);
    return { answer, print: () => printLetter(answer) };
  },
  async 'dead-letters replay'(client, command) {
    if (command.id === undefined) return replayMany(client, command);
    const answer = await client.post<{ id: string }>(`/dead-letters/${encodeURIComponent(command.id)}/replay`, {
      reason: command.options.reason,
    });
    return { answer, print: () => sayReplaying(answer) };
  },
  async 'dead-letters edit-and-replay'(client, { id, options: { reason, data } }) {
    const path = `/dead-letters/${encodeURIComponent(id!)}/edit-and-replay`;
    const answer = await client.post<{ id: string }>(path, { reason, data: dataFrom(data!) });
    return { answer, print: () => sayReplaying(answer) };
  },
  async 'dead-letters discard'(client, { id, options: { reason } }) {
    const answer = await client.post<{ id: string }>(`/dead-letters/${encodeURIComponent(id!)}/discard`, { reason });
    return { answer, print: () => say(`${answer.id} is discarded.`) };
  },
  async queues(client) {
    const answer = await client.get<{ items: { name: string; messages: number | null; consumers: number | null }[] }>('/queues');
    const rows = answer.items.map(({ name, messages, consumers }) => [name, messages ?? 'missing', consumers]);
    return { answer, print: () => printTable(['queue', 'messages', 'consumers'], rows, 'No queues.') };
  },
  async outbox(client) {
    const answer = await client.get<{
      items: { service: string; waiting: number | null; parked: number | null; oldestSeconds: number | null; gap: string | null }[];
    }>('/outbox');
    const rows = answer.items.map(({ service, waiting, parked, oldestSeconds, gap }) => [
      service,
      waiting,
      parked,
      oldestSeconds,
      gap ?? '',
    ]);
    return { answer, print: () => printTable(['service', 'waiting', 'parked', 'oldest (s)', ''], rows, 'No services.') };
  },
};

async function replayMany(client: ConsoleClient, { options }: Command) {
  const { queue, type, error, limit, reason, 'no-dry-run': really } = options;
  const body = { filter: { queue, type, error }, reason, dryRun: !really, ...(limit !== undefined && { limit: Number(limit) }) };
  const answer = await client.post<{ matching: number; notReplayable: number; ids: string[] }>('/dead-letters/replay', body);
  const { matching, notReplayable, ids } = answer;
  const print = () => {
    for (const id of ids) say(id);
    const rest = notReplayable > 0 ? `; ${notReplayable} cannot be replayed as they are` : '';
    say(`${ids.length} of ${matching} ${really ? 'are replaying' : 'would be replayed: say it again with --no-dry-run'}${rest}.`);
  };
  return { answer, print };
}

const sayReplaying = ({ id }: { id: string }): void =>
  say(`${id} is replaying. What becomes of it: npm run orderly -- dead-letters show ${id}`);

/** @throws BadUsage when it is no JSON */
function dataFrom(given: string): unknown {
  try {
    const text = given === '-' ? readFileSync(0, 'utf8') : given.startsWith('@') ? readFileSync(given.slice(1), 'utf8') : given;
    return JSON.parse(text);
  } catch (error) {
    throw new BadUsage(`--data takes JSON, @ and a file of it, or - for what is piped in: ${(error as Error).message}`);
  }
}

function clientOf({ options }: Command): ConsoleClient {
  const demo = addressesOfDemo(resolve(projectFolder, options.folder));
  const address = options.console || process.env['ORDERLY_CONSOLE_URL'] || demo?.baseUrls.console || 'http://127.0.0.1:3000';
  if (!URL.canParse(address)) throw new BadUsage(`--console takes an address, not ${address}`);
  return new ConsoleClient(address.replace(/\/+$/, ''), tokenFor(options));
}

/** Where the demo's own issuer is not that of the console, its tokens open nothing. */
function tokenFor({ operator, folder }: Command['options']): string {
  const given = process.env['ORDERLY_TOKEN'];
  if (given && operator !== undefined) throw new BadUsage('ORDERLY_TOKEN says who you are: leave --operator out');
  return given || operatorTokenOfDemo(resolve(projectFolder, folder), operator ?? loginName());
}

async function main(args: readonly string[]): Promise<number> {
  if (args[0] === 'verify') return verify(args.slice(1));
  const command = readCommand(args);
  if (!command) {
    say(usage);
    return 0;
  }
  const { answer, print } = await commands[command.name](clientOf(command), command);
  if (command.options.json) say(JSON.stringify(answer, undefined, 2));
  else print();
  return 0;
}

/** It reads every database by itself, so it is a program of its own. */
function verify(args: readonly string[]): Promise<number> {
  const program = fileURLToPath(new URL('../verify.js', import.meta.url));
  const child = spawn(process.execPath, [program, ...args], { stdio: 'inherit' });
  return new Promise((settle) => child.on('close', (code) => settle(code ?? 70)));
}

/** What to say of an error, and the exit code. */
function refusal(error: unknown): { text: string; code: number } {
  if (error instanceof BadUsage) return { text: `${error.message}\n\n${usage}`, code: 2 };
  if (error instanceof NotFound) return { text: error.message, code: 4 };
  if (error instanceof Unavailable) return { text: error.message, code: unavailable };
  if (error instanceof NotInProduction) return { text: `${error.message}\nSet ORDERLY_TOKEN.`, code: 78 };
  if (error instanceof Refused) return { text: error.message, code: 1 };
  return { text: (error as Error).stack ?? String(error), code: 70 };
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  const { text, code } = refusal(error);
  console.error(text);
  process.exitCode = code;
}
