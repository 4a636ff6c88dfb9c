import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { eventually } from './eventually.js';
import { freePort } from './free-port.js';
import { startGuarded } from './guarded-process.js';
import { projectRoot } from './project-root.js';

export interface RunningRedis {
  readonly url: string;
  signal(signal: NodeJS.Signals): void;
  stop(): Promise<void>;
}

const folder = join(projectRoot, '.local', 'redis');

/**
 * A Redis of one's own, which keeps nothing on disk: the one on the machine, else the one in Debian's packages, which are unpacked and not
 * installed: that would start a Redis at once and at every boot.
 * @returns undefined where there is neither it nor apt-get
 */
export async function startRedis(): Promise<RunningRedis | undefined> {
  const command = await findRedis();
  if (!command) return undefined;
  const port = await freePort();
  const redis = await startGuarded({
    command: command.path,
    args: ['--bind', '127.0.0.1', '--port', String(port), '--save', '', '--appendonly', 'no'],
    env: { ...process.env, ...(command.libraries !== undefined && { LD_LIBRARY_PATH: command.libraries }) },
    stopSignal: 'SIGTERM',
    stopDeadlineSeconds: 5,
  });
  await eventually(() => answers(port), { within: 10_000 });
  return { url: `redis://127.0.0.1:${port}`, signal: (signal) => redis.signal(signal), stop: () => redis.stop() };
}

async function findRedis(): Promise<{ path: string; libraries?: string } | undefined> {
  const onPath = (process.env['PATH'] ?? '').split(':').find((dir) => dir !== '' && existsSync(join(dir, 'redis-server')));
  if (onPath !== undefined) return { path: join(onPath, 'redis-server') };
  const path = join(folder, 'usr', 'bin', 'redis-server');
  if (!existsSync(path)) {
    if (!existsSync('/usr/bin/apt-get')) return undefined;
    mkdirSync(folder, { recursive: true });
    await promisify(execFile)('/bin/sh', ['-c', unpacking], { cwd: folder, timeout: 300_000 });
  }
  const [machine] = readdirSync(join(folder, 'usr', 'lib')).filter((name) => name.endsWith('-linux-gnu'));
  return { path, libraries: join(folder, 'usr', 'lib', machine ?? '') };
}

/** Debian's server is one program with its checker, which redis-tools has. */
const unpacking = `
set -eu
packages='redis-tools libjemalloc2 liblzf1 liblua5.1-0 lua-cjson lua-bitop'
asRoot=; if [ "$(id -u)" != 0 ]; then asRoot='sudo -n'; fi
apt-get download $packages || { $asRoot apt-get -o DPkg::Lock::Timeout=300 update && apt-get download $packages; }
for package in *.deb; do dpkg-deb --fsys-tarfile "$package" | tar -x; done
rm -f ./*.deb
ln -s redis-check-rdb usr/bin/redis-server
`;

function answers(port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => socket.write('PING\r\n'));
    socket.once('data', () => resolve(void socket.destroy()));
    socket.once('error', reject);
  });
}
