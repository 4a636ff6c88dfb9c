import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

export interface DemoOptions {
  readonly help: boolean;
  /** Play the story. */
  readonly story: boolean;
  /** Stop when the story is over. */
  readonly exit: boolean;
  /** Of the order service; payment, notification and the provider's simulator take the three after it, the console the one before. */
  readonly port: number;
  /** Where everything is kept. */
  readonly folder: string;
}

/** The command line can't be understood. */
export class BadUsage extends Error {
  override readonly name = 'BadUsage';
}

export const usage = `npm start -- [options]
  --no-story       start everything, skip the story
  --exit           stop after the story: exit code 0 when all went as told, else 1
  --port <number>  the order service's port (3001); payment, notification and psp-simulator take the next three,
                   the console the one before
  --folder <path>  where data, logs and settings are kept (.local/demo); a second folder is a second demo
  --help           this text

npm run stop       stops a demo from elsewhere (-- --folder <path>: one with a folder of its own)

ORDERLY_POSTGRES_URL, ORDERLY_RABBITMQ_URL and ORDERLY_RABBITMQ_MANAGEMENT_URL name servers to use
instead of private ones; databases and a vhost are made there for the demo, and removed at its end.`;

// This file runs as dist/demo/options.js.
const projectFolder = fileURLToPath(new URL('../../', import.meta.url));

/** @throws BadUsage */
export function readOptions(args: readonly string[]): DemoOptions {
  const { values } = parse(args);
  const port = Number(values.port);
  if (!/^\d+$/.test(values.port) || port < 2 || port > 65_532)
    throw new BadUsage(`--port takes a number from 2 to 65532, not ${values.port}`);
  if (values.exit && values['no-story']) throw new BadUsage('--exit stops after the story, so it makes no sense with --no-story');
  return { help: values.help, story: !values['no-story'], exit: values.exit, port, folder: resolve(projectFolder, values.folder) };
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        help: { type: 'boolean', default: false },
        'no-story': { type: 'boolean', default: false },
        exit: { type: 'boolean', default: false },
        port: { type: 'string', default: '3001' },
        folder: { type: 'string', default: '.local/demo' },
      },
    });
  } catch (error) {
    throw new BadUsage((error as Error).message);
  }
}
