/**
 * `npm run token`: prints a token of the demo's own issuer, for whoever wants to call the demo as somebody. It imports as little as it can,
 * because the image has it too, for `docker compose run`.
 */
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { NotInProduction, TokenIssuer, type Role } from '#libs/issuer';

const usage = `npm run -s token -- <name> [options]
  --role <role>    customer, who has orders, or operator, who sees everybody's (customer)
  --hours <number> how long it is good for (24)
  --folder <path>  of the demo whose services are to take it (.local/demo)
  --prepare        makes the issuer's keys if there are none, and prints nothing
  --help           this text

Exit codes: 0 printed, 2 the command line, 78 NODE_ENV is production, where this issuer has no place.`;

/** By sysexits.h: something is configured that must not be. */
const misconfigured = 78;

// This file runs as dist/demo/token.js.
const projectFolder = fileURLToPath(new URL('../../', import.meta.url));

/** The command line can't be understood. */
class BadUsage extends Error {}

function main(args: readonly string[]): string | undefined {
  const { values, positionals } = parse(args);
  if (values.help) return usage;
  const hours = Number(values.hours);
  if (!(hours > 0 && hours <= 8760)) throw new BadUsage(`--hours takes a number up to 8760, not ${values.hours}`);
  if (values.role !== 'customer' && values.role !== 'operator') throw new BadUsage(`--role takes customer or operator, not ${values.role}`);
  const [name, ...rest] = positionals;
  if (rest.length > 0 || (name === undefined) !== values.prepare) throw new BadUsage('Whose token is it to be?');
  if (name !== undefined && !/^[\x21-\x7e]{1,255}$/.test(name)) throw new BadUsage('A name is 1 to 255 visible ASCII characters.');
  const issuer = TokenIssuer.at(join(resolve(projectFolder, values.folder), 'issuer'));
  return name === undefined ? undefined : issuer.token(name, values.role satisfies Role, Math.round(hours * 3600));
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        help: { type: 'boolean', default: false },
        prepare: { type: 'boolean', default: false },
        role: { type: 'string', default: 'customer' },
        hours: { type: 'string', default: '24' },
        folder: { type: 'string', default: '.local/demo' },
      },
    });
  } catch (error) {
    throw new BadUsage((error as Error).message);
  }
}

try {
  const said = main(process.argv.slice(2));
  if (said !== undefined) console.log(said);
} catch (error) {
  if (!(error instanceof BadUsage || error instanceof NotInProduction)) throw error;
  console.error(error instanceof BadUsage ? `${error.message}\n\n${usage}` : error.message);
  process.exitCode = error instanceof BadUsage ? 2 : misconfigured;
}
