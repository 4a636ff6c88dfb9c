/** `npm run stop`. Needs nothing but Node and this folder: it has to work when packages are missing or sources don't compile. */
import { BadUsage, readOptions, usage } from './options.js';
import { stopDemo } from './running-demo.js';

try {
  const { help, folder } = readOptions(process.argv.slice(2));
  if (help) console.log(usage);
  else console.log((await stopDemo(folder, console.log)) ? 'Stopped.' : `No demo is running in ${folder}.`);
} catch (error) {
  console.error(error instanceof BadUsage ? `${error.message}\n\n${usage}` : (error as Error).message);
  process.exitCode = error instanceof BadUsage ? 2 : 1;
}
