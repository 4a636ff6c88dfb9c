import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { connect } from 'node:net';
import { isFree } from '#libs/testing';

/** One of the ports that the demo needs is in use. */
export class PortTaken extends Error {
  override readonly name = 'PortTaken';
}

/** @throws PortTaken with what to do about it */
export async function requireFree(ports: readonly number[]): Promise<void> {
  const taken: string[] = [];
  for (const port of ports) {
    // Some systems allow to bind beside a server that listens on all addresses.
    if ((await isFree(port)) && !(await answers(port))) continue;
    const owner = listenerOn(port);
    taken.push(`Port ${port} is taken${owner ? ` by ${owner}` : ''}.`);
  }
  if (taken.length === 0) return;
  throw new PortTaken(
    [...taken, 'Stop what listens there, or start the demo on five other ports in a row, from 4000 on: npm start -- --port 4001'].join(
      '\n',
    ),
  );
}

function answers(port: number): Promise<boolean> {
  return new Promise((settle) => {
    const socket = connect({ port, host: 'localhost' });
    const end = (answer: boolean) => {
      socket.destroy();
      settle(answer);
    };
    socket
      .setTimeout(1000, () => end(false))
      .once('connect', () => end(true))
      .once('error', () => end(false));
  });
}

/** Who listens, for people; undefined when that can't be seen. */
function listenerOn(port: number): string | undefined {
  if (!existsSync('/proc/net/tcp')) {
    const { stdout } = spawnSync('lsof', ['-nP', `-iTCP:${port}`, '-sTCP:LISTEN', '-Fpc'], { encoding: 'utf8' });
    const [, pid, name] = /^p(\d+)\nc(.+)$/m.exec(stdout ?? '') ?? [];
    return pid && `${name} (process ${pid})`;
  }
  // proc(5): local address, state (0A listens) and inode stand in the 2nd, 4th and 10th column; a process links to its sockets' inodes.
  const hexPort = `:${port.toString(16).toUpperCase().padStart(4, '0')}`;
  const inodes = ['/proc/net/tcp', '/proc/net/tcp6']
    .filter((table) => existsSync(table))
    .flatMap((table) => readFileSync(table, 'utf8').split('\n').slice(1))
    .map((line) => line.trim().split(/\s+/))
    .filter(([, local, , state]) => local?.endsWith(hexPort) && state === '0A')
    .map((columns) => `socket:[${columns[9]}]`);
  const owner = readdirSync('/proc').find((pid) => /^\d+$/.test(pid) && openFiles(pid).some((file) => inodes.includes(file)));
  return owner && `${readFileSync(`/proc/${owner}/comm`, 'utf8').trim()} (process ${owner})`;
}

function openFiles(pid: string): string[] {
  try {
    return readdirSync(`/proc/${pid}/fd`).map((descriptor) => {
      try {
        return readlinkSync(`/proc/${pid}/fd/${descriptor}`);
      } catch {
        return '';
      }
    });
  } catch {
    // It has ended, or is somebody else's.
    return [];
  }
}
