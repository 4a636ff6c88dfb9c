/**
 * The first step of `npm start` and `npm test`: makes a fresh clone runnable, then runs a script in it.
 *
 *   node demo/bootstrap.mjs [--as-built] <script.js> [arguments…]
 *
 * With --as-built a script that is there runs as it is: to stop something, nothing has to be installed, and sources may be broken.
 * It may use nothing but Node's own modules, because nothing else is there yet.
 */
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, linkSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { constants } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const oldestNode = [20, 19];
const lockFile = join(root, '.local', 'bootstrap.lock');

class Refused extends Error {}

const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'];
let interruptedBy;

async function bootstrap(bootstrapArguments) {
  const asBuilt = bootstrapArguments[0] === '--as-built';
  const [name, ...scriptArguments] = asBuilt ? bootstrapArguments.slice(1) : bootstrapArguments;
  if (!name) throw new Refused('Usage: node demo/bootstrap.mjs [--as-built] <script.js> [arguments…]');
  requireNode();
  const script = resolve(root, name);
  if (!asBuilt || !existsSync(script)) {
    await withLock(async () => {
      if (!modulesAreCurrent()) await install();
      await build(script);
    });
  }
  return run(script, scriptArguments);
}

function requireNode() {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  if (major > oldestNode[0] || (major === oldestNode[0] && minor >= oldestNode[1])) return;
  throw new Refused(`Orderly needs Node ${oldestNode.join('.')} or newer; this is ${process.versions.node}. See https://nodejs.org/`);
}

/**
 * npm writes down what it has installed as the last step of an install. Comparing that with package-lock.json also recognises a
 * plain `npm ci` or `npm install`, and sees one that was broken off.
 */
function modulesAreCurrent() {
  const installed = readJson(join(root, 'node_modules', '.package-lock.json'))?.packages;
  const wanted = readJson(join(root, 'package-lock.json'))?.packages;
  if (!wanted) throw new Refused(`package-lock.json is missing in ${root}, or is no JSON. Restore it: git checkout package-lock.json`);
  if (!installed) return false;
  return Object.entries(wanted).every(([path, entry]) => {
    if (path === '') return true;
    const found = installed[path];
    // What is made for other machines is left out by npm.
    if (!found) return entry.optional === true || entry.devOptional === true;
    return found.version === entry.version && found.integrity === entry.integrity;
  });
}

function readJson(path) {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch {
    return undefined;
  }
}

async function install() {
  // NODE_ENV=production would leave out what builds and tests.
  const npmArguments = ['ci', '--include=dev', '--no-audit', '--no-fund', '--prefer-offline', '--loglevel=error'];
  const npmScript = process.env.npm_execpath;
  const [command, ...commandArguments] =
    npmScript && /\.[cm]?js$/.test(npmScript) ? [process.execPath, npmScript, ...npmArguments] : ['npm', ...npmArguments];
  const { code, output } = await step('Installing packages (npm ci)', command, commandArguments);
  if (code === 0) return;
  throw new Refused(
    [
      output.trim(),
      '',
      'npm ci failed; its output is above. What usually helps:',
      '  - Can this machine reach the npm registry? Check:  npm ping',
      '  - Does package-lock.json belong to package.json?   git status package.json package-lock.json',
      '  - Start again from nothing:                        rm -rf node_modules && npm ci',
    ].join('\n'),
  );
}

async function build(script) {
  const compiler = join(root, 'node_modules', 'typescript-7', 'bin', 'tsc');
  const note = join(root, 'dist', '.compiled');
  // Taken first: what is edited meanwhile is compiled the next time.
  const sources = digestOfSources();
  if (!existsSync(join(root, 'dist', 'libs')) || (script.startsWith(join(root, 'dist')) && !existsSync(script))) {
    // The compiler trusts its notes about what it has written; without dist/libs they are about files that are gone.
    rmSync(join(root, 'dist', '.tsbuildinfo'), { force: true });
  } else if (existsSync(note) && readFileSync(note, 'utf8') === sources) {
    return;
  }
  rmSync(note, { force: true });
  const { code, output } = await step('Compiling', process.execPath, [compiler, '-p', join(root, 'tsconfig.json')]);
  if (code !== 0) throw new Refused(`${output.trim()}\n\nThe sources don't compile; the compiler's messages are above.`);
  writeFileSync(note, sources);
}

/** Every file that the compiler reads with its size and time, as one word: the same again means that there is nothing to compile. */
function digestOfSources() {
  const inFolder = (folder) => readdirSync(join(root, folder), { recursive: true }).map((path) => join(folder, path));
  const sources = [...['apps', 'libs', 'bench', 'demo', 'tests'].flatMap(inFolder), ...readdirSync(root)].filter((path) =>
    path.endsWith('.ts'),
  );
  const digest = createHash('sha256');
  for (const path of [...sources, 'tsconfig.json', 'package.json', join('node_modules', '.package-lock.json')]) {
    const { size, mtimeMs } = statSync(join(root, path));
    digest.update(`${path} ${size} ${mtimeMs}\n`);
  }
  return digest.digest('hex');
}

/** Runs a command quietly under one line of progress that ends with the time it took. */
async function step(title, command, commandArguments) {
  const startedAt = Date.now();
  const seconds = () => `${((Date.now() - startedAt) / 1000).toFixed(1)} s`;
  const live = process.stdout.isTTY;
  if (!live) process.stdout.write(`${title} … `);
  const ticking = live ? setInterval(() => process.stdout.write(`\r${title} … ${seconds()} `), 200) : undefined;
  const { code, output } = await new Promise((settle) => {
    let text = '';
    const child = spawn(command, commandArguments, {
      cwd: root,
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: process.platform !== 'win32',
      shell: process.platform === 'win32' && command === 'npm',
    });
    nameInLock(child.pid);
    // Npm and the compiler have children of their own, which would go on in node_modules and dist: the whole group ends.
    const stop = () => {
      signalGroup(child, 'SIGTERM');
      setTimeout(() => signalGroup(child, 'SIGKILL'), 2000).unref();
    };
    for (const signal of signals) process.on(signal, stop);
    child.stdout.on('data', (chunk) => (text += chunk));
    child.stderr.on('data', (chunk) => (text += chunk));
    child.on('error', (error) => settle({ code: 1, output: `${command} can't be started: ${error.message}` }));
    child.on('close', (exitCode) => {
      for (const signal of signals) process.off(signal, stop);
      settle({ code: exitCode ?? 1, output: text });
    });
  });
  clearInterval(ticking);
  process.stdout.write(`${live ? `\r${title} … ` : ''}${code === 0 ? seconds() : `failed after ${seconds()}`}\n`);
  return { code, output };
}

function signalGroup(child, signal) {
  try {
    if (process.platform === 'win32') child.kill(signal);
    else process.kill(-child.pid, signal);
  } catch {
    // It has ended.
  }
}

/**
 * One bootstrap at a time in this folder: two `npm ci` at once would delete each other's files. The lock holds the pids of its owner
 * and of the command that the owner runs; a lock none of whose pids is alive is void.
 */
async function withLock(work) {
  mkdirSync(dirname(lockFile), { recursive: true });
  const mine = `${lockFile}.${process.pid}`;
  // A link appears with its content, or not at all: nobody can read an empty lock.
  writeFileSync(mine, String(process.pid));
  let told = false;
  while (!taken(mine)) {
    const owners = lockOwners();
    if (owners.some(isAlive)) {
      if (!told) console.log(`Waiting for another start in this folder to finish installing and compiling (process ${owners[0]}) …`);
      told = true;
      await new Promise((wake) => setTimeout(wake, 200));
    } else if (String(lockOwners()) === String(owners)) {
      rmSync(lockFile, { force: true });
    }
  }
  rmSync(mine);
  const interrupted = (signal) => (interruptedBy = signal);
  for (const signal of signals) process.on(signal, interrupted);
  try {
    await work();
  } finally {
    for (const signal of signals) process.off(signal, interrupted);
    rmSync(lockFile, { force: true });
  }
}

function taken(mine) {
  try {
    linkSync(mine, lockFile);
    return true;
  } catch (error) {
    if (error.code === 'EEXIST') return false;
    throw error;
  }
}

function nameInLock(pid) {
  const next = `${lockFile}.${process.pid}`;
  writeFileSync(next, `${process.pid} ${pid}`);
  renameSync(next, lockFile);
}

function lockOwners() {
  try {
    return readFileSync(lockFile, 'utf8').split(' ').map(Number);
  } catch {
    return [];
  }
}

function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
}

function run(script, scriptArguments) {
  const child = spawn(process.execPath, ['--enable-source-maps', script, ...scriptArguments], { cwd: root, stdio: 'inherit' });
  for (const signal of signals) {
    process.on(signal, () => {
      // Ctrl-C in a terminal has already reached the child, and a second one would mean "at once".
      if (signal === 'SIGINT' && process.stdin.isTTY) return;
      child.kill(signal);
    });
  }
  return new Promise((settle, fail) => {
    child.on('error', fail);
    child.on('exit', (code, signal) => settle(code ?? 128 + constants.signals[signal]));
  });
}

try {
  process.exitCode = await bootstrap(process.argv.slice(2));
} catch (error) {
  if (interruptedBy) {
    process.exitCode = 128 + constants.signals[interruptedBy];
  } else {
    console.error(error instanceof Refused ? `\n${error.message}` : error);
    process.exitCode = 1;
  }
}
