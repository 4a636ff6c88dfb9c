/** `npm run verify`: checks a system that runs, changes nothing in it, and says what is wrong. */
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { NotInProduction } from '#libs/issuer';
import { Unreachable, verifyEventually, violationsIn } from '#libs/verify';
import { say } from './output.js';
import { printResults } from './verification.js';
import { AddressesMissing, NothingRuns, systemToVerify } from './verified-system.js';

/** By sysexits.h: a service is not available. */
const unavailable = 69;

const usage = `npm run verify -- [options]
  --within <seconds>  check again until nothing is wrong, for at most so long (0: check once)
  --json              print the results as JSON, and nothing else
  --folder <path>     of the demo to verify (.local/demo)
  --help              this text

Verifies the demo that runs here, or the system that the environment names: ORDER_DATABASE_URL, PAYMENT_DATABASE_URL
and NOTIFICATION_DATABASE_URL; PSP_DATABASE_URL for the simulator's books; CONSOLE_DATABASE_URL for the dead letters that a
console has collected; RABBITMQ_URL with RABBITMQ_MANAGEMENT_URL; ORDER_URL with PAYMENT_URL and
ORDERLY_TOKEN, an operator's. Services that are still at work can look as if something were wrong: give them time.

Exit codes: 0 nothing is wrong, 1 something is, 2 the command line or the environment, 69 a part can't be reached.`;

// This file runs as dist/demo/verify.js.
const projectFolder = fileURLToPath(new URL('../../', import.meta.url));

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      help: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
      within: { type: 'string', default: '0' },
      folder: { type: 'string', default: '.local/demo' },
    },
  });
  if (values.help) {
    say(usage);
    return 0;
  }
  if (!/^\d{1,5}$/.test(values.within)) throw new TypeError(`--within takes whole seconds, not ${values.within}`);
  const system = systemToVerify(process.env, resolve(projectFolder, values.folder));
  const results = await verifyEventually(system, Number(values.within) * 1000);
  if (values.json) say(JSON.stringify(results, undefined, 2));
  else printResults(results);
  return violationsIn(results) === 0 ? 0 : 1;
}

/** What to say of an error, and the exit code. */
function refusal(error: unknown): { text: string; code: number } {
  if (error instanceof Unreachable || error instanceof NothingRuns) return { text: error.message, code: unavailable };
  if (error instanceof NotInProduction) return { text: error.message, code: 78 };
  if (error instanceof AddressesMissing || error instanceof TypeError) return { text: `${error.message}\n\n${usage}`, code: 2 };
  return { text: (error as Error).stack ?? String(error), code: 70 };
}

try {
  process.exitCode = await main();
} catch (error) {
  const { text, code } = refusal(error);
  console.error(text);
  process.exitCode = code;
}
