import { execFile } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { projectRoot } from '#libs/testing';

const run = promisify(execFile);

const folder = join(projectRoot, '.local', 'promtool');
const unpacked = join(folder, 'usr', 'bin', 'promtool');

/**
 * Prometheus' own checker of configurations and rules: the one on the machine, else the one in Debian's package, which is unpacked and not
 * installed: that would start a Prometheus at once and at every boot.
 * @returns undefined where there is neither it nor apt-get
 */
export async function findPromtool(): Promise<string | undefined> {
  const onPath = (process.env['PATH'] ?? '').split(':').find((dir) => dir !== '' && existsSync(join(dir, 'promtool')));
  if (onPath !== undefined) return join(onPath, 'promtool');
  if (existsSync(unpacked)) return unpacked;
  if (!existsSync('/usr/bin/apt-get')) return undefined;
  mkdirSync(folder, { recursive: true });
  await run('/bin/sh', ['-c', unpacking], { cwd: folder, timeout: 300_000 });
  return unpacked;
}

const unpacking = `
set -eu
asRoot=; if [ "$(id -u)" != 0 ]; then asRoot='sudo -n'; fi
apt-get download prometheus || { $asRoot apt-get -o DPkg::Lock::Timeout=300 update && apt-get download prometheus; }
dpkg-deb --fsys-tarfile prometheus_*.deb | tar -x ./usr/bin/promtool
rm -f prometheus_*.deb
`;

/** Runs promtool on files of a folder; the answer is what it said, and whether it was content. */
export async function promtool(tool: string, dir: string, ...args: readonly string[]): Promise<{ content: boolean; said: string }> {
  try {
    const { stdout, stderr } = await run(tool, args, { cwd: dir });
    return { content: true, said: stdout + stderr };
  } catch (error) {
    const { stdout = '', stderr = '' } = error as { stdout?: string; stderr?: string };
    return { content: false, said: stdout + stderr };
  }
}
