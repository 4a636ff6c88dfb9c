import { randomInt } from 'node:crypto';
import { parseArgs } from 'node:util';
import { catalogue } from './harness/catalogue.js';
import type { Profile } from './harness/world.js';
import { deliberateBugs } from './harness/deliberate-bugs.js';

export interface ChaosOptions {
  readonly orders: number;
  /** How long the load takes, in minutes, unless the faults take longer. */
  readonly minutes: number;
  readonly seed: number;
  readonly profile: Profile;
  /** No fewer than this. */
  readonly faults: number;
  /** These kinds alone; left out: all. */
  readonly only?: readonly string[];
  /** A deliberate bug that is put into the services. */
  readonly bug?: string;
  /** How long after the last order and the last fault everything has to be at rest, in seconds. */
  readonly patience: number;
  /** Whether the report becomes that of the documentation. */
  readonly write: boolean;
  readonly help: boolean;
}

const profiles = {
  single: { orders: 2_000, faults: 12, about: 'one broker' },
  cluster: { orders: 20_000, faults: 100, about: 'three nodes of it' },
} as const satisfies Record<Profile, object>;

/** Orders a second when nobody says how long it may take. */
const usualRate = 16;

const usualPatience = 240;

export const usage = `npm run chaos -- [options]
  --profile <name>   single: one broker (${profiles.single.orders} orders, ${profiles.single.faults} faults); cluster: three nodes (${profiles.cluster.orders} orders, ${profiles.cluster.faults} faults)
  --orders <number>  how many at least, from 50
  --minutes <number> in how many they are placed; left out, ${usualRate} orders a second
  --seed <number>    the same seed draws the same orders and faults; left out, a new one
  --faults <number>  how many at least
  --only <kinds>     these faults alone, with commas between them; --only help lists them
  --bug <name>       puts a deliberate bug into the services: ${deliberateBugs.map(({ name }) => name).join(', ')}
  --patience <s>     how long everything may take to come to rest in the end (${usualPatience})
  --write            writes docs/reference/chaos.md and .json
  --help             this text
Exit code: 0 when every promise was kept, 1 when one was broken, 2 for wrong options, 70 when the run itself failed.`;

/** What can't be understood; the message says why. */
export class BadUsage extends Error {
  override readonly name = 'BadUsage';
}

/** @throws BadUsage */
export function readOptions(args: readonly string[]): ChaosOptions {
  const given = parse(args);
  const profile = given.profile as Profile;
  if (!Object.hasOwn(profiles, profile)) throw new BadUsage(`--profile is single or cluster, not ${given.profile}`);
  const orders = wholeNumber('--orders', given.orders ?? String(profiles[profile].orders), 50);
  const minutes = Number(given.minutes ?? orders / usualRate / 60);
  if (!(minutes > 0)) throw new BadUsage(`--minutes is a number above 0, not ${given.minutes}`);
  const only = given.only?.split(',').map((kind) => kind.trim());
  const unknown = (only ?? []).filter((name) => !catalogue.some(({ kind }) => kind === name));
  if (unknown.length > 0)
    throw new BadUsage(
      `--only: there is no fault ${unknown.join(', ')}. There are:\n${catalogue.map(({ kind }) => `  ${kind}`).join('\n')}`,
    );
  if (given.bug !== undefined && !deliberateBugs.some(({ name }) => name === given.bug))
    throw new BadUsage(`--bug: there is no ${given.bug}`);
  return {
    orders,
    minutes,
    profile,
    seed: given.seed === undefined ? randomInt(1, 1_000_000) : wholeNumber('--seed', given.seed, 0),
    faults: wholeNumber('--faults', given.faults ?? String(profiles[profile].faults), 0),
    ...(only && { only }),
    ...(given.bug !== undefined && { bug: given.bug }),
    patience: wholeNumber('--patience', given.patience ?? String(usualPatience), 1),
    write: given.write,
    help: given.help,
  };
}

function wholeNumber(name: string, given: string, least: number): number {
  const number = Number(given);
  if (given.trim() === '' || !Number.isSafeInteger(number) || number < least)
    throw new BadUsage(`${name} is a whole number from ${least} on, not ${given}`);
  return number;
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        orders: { type: 'string' },
        minutes: { type: 'string' },
        seed: { type: 'string' },
        profile: { type: 'string', default: 'single' },
        faults: { type: 'string' },
        only: { type: 'string' },
        bug: { type: 'string' },
        patience: { type: 'string' },
        write: { type: 'boolean', default: false },
        help: { type: 'boolean', default: false },
      },
    }).values;
  } catch (error) {
    throw new BadUsage((error as Error).message);
  }
}
