import { parseArgs } from 'node:util';
import type { Contender } from './contenders/contender.js';
import { full, lineUp, quick, type Effort } from './line-up.js';

export interface BenchOptions {
  readonly contenders: readonly Contender[];
  readonly effort: Effort;
  /** Whether the figures become those of the documentation. */
  readonly write: boolean;
  readonly help: boolean;
}

export const usage = `npm run bench -- [options]
  --quick         fewer orders, one round: under three minutes on two cores
  --rounds <n>    how often each contender has its turn (${full.rounds}; with --quick ${quick.rounds})
  --only <names>  these alone, with commas between them: ${lineUp.map(({ name }) => name).join(',')}
  --write         writes docs/reference/performance.md and .json
  --help          this text`;

/** What can't be understood; the message says why. */
export class BadUsage extends Error {
  override readonly name = 'BadUsage';
}

/** @throws BadUsage */
export function readOptions(args: readonly string[]): BenchOptions {
  const { quick: isQuick, rounds: asked, only, write, help } = parse(args);
  const effort = isQuick ? quick : full;
  const rounds = asked === undefined ? effort.rounds : Number(asked);
  if (!Number.isInteger(rounds) || rounds < 1) throw new BadUsage(`--rounds is a whole number from 1 on, not ${asked}`);
  const names = only?.split(',') ?? lineUp.map(({ name }) => name);
  const unknown = names.filter((name) => !lineUp.some((contender) => contender.name === name));
  if (unknown.length > 0) throw new BadUsage(`--only names no contender: ${unknown.join(', ')}`);
  return { contenders: lineUp.filter(({ name }) => names.includes(name)), effort: { ...effort, rounds }, write, help };
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        quick: { type: 'boolean', default: false },
        rounds: { type: 'string' },
        only: { type: 'string' },
        write: { type: 'boolean', default: false },
        help: { type: 'boolean', default: false },
      },
    }).values;
  } catch (error) {
    throw new BadUsage((error as Error).message);
  }
}
