import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';

/**
 * When a process began, as a word that tells it from a later process with the same pid; undefined when there is no such process.
 * Numbers are used again, also after a restart of the machine: nothing is ended by its number alone.
 */
export function birthOf(pid: number): string | undefined {
  if (!existsSync('/proc/self/stat')) {
    return (
      spawnSync('ps', ['-o', 'lstart=', '-p', String(pid)], { encoding: 'utf8', env: { ...process.env, LC_ALL: 'C' } }).stdout?.trim() ||
      undefined
    );
  }
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // proc(5): the second field is the program's name in parentheses, which may itself hold spaces and parentheses; the 22nd is the birth.
    const [state = '', ...fields] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    // A zombie has ended; its parent just hasn't asked how.
    if (/[ZX]/.test(state)) return undefined;
    return `${fields[18]} ticks after boot ${readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()}`;
  } catch {
    return undefined;
  }
}
