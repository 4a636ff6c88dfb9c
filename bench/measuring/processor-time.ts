import { readdirSync, readFileSync } from 'node:fs';

/** Processor time that processes have used, in milliseconds. */
export interface ProcessorTime {
  readonly userMs: number;
  readonly kernelMs: number;
}

/** Linux counts in these, whatever the kernel was built with (`getconf CLK_TCK`). */
const tickMs = 10;

/** What a process and all that it started have used so far, those that have ended included. */
export function processorTimeOf(pid: number): ProcessorTime {
  const children = new Map<number, number[]>();
  const stats = new Map<number, Stat>();
  for (const name of readdirSync('/proc')) {
    const stat = /^\d+$/.test(name) ? statOf(Number(name)) : undefined;
    if (!stat) continue;
    stats.set(Number(name), stat);
    children.set(stat.parent, [...(children.get(stat.parent) ?? []), Number(name)]);
  }
  const tree = [pid];
  for (const member of tree) tree.push(...(children.get(member) ?? []));
  let userMs = 0;
  let kernelMs = 0;
  for (const member of tree) {
    const stat = stats.get(member);
    userMs += (stat?.userTicks ?? 0) * tickMs;
    kernelMs += (stat?.kernelTicks ?? 0) * tickMs;
  }
  return { userMs, kernelMs };
}

/** The most memory that a process has held at once (its "high water mark"), in MB. */
export function peakMemoryMb(pid: number): number {
  return statusMb(pid, 'VmHWM');
}

/** The memory that a process holds now (RSS), in MB. */
export function memoryMb(pid: number): number {
  return statusMb(pid, 'VmRSS');
}

/** https://man7.org/linux/man-pages/man5/proc_pid_status.5.html */
function statusMb(pid: number, line: 'VmHWM' | 'VmRSS'): number {
  const [, kilobytes] = new RegExp(`^${line}:\\s+(\\d+) kB$`, 'm').exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
  return Number(kilobytes) / 1024;
}

interface Stat {
  readonly parent: number;
  readonly userTicks: number;
  readonly kernelTicks: number;
}

/** https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html; undefined when it has ended. */
function statOf(pid: number): Stat | undefined {
  let line: string;
  try {
    line = readFileSync(`/proc/${pid}/stat`, 'utf8');
  } catch {
    return undefined;
  }
  // The second field is the program's name in brackets, and may hold blanks and brackets itself.
  const fields = line
    .slice(line.lastIndexOf(')') + 2)
    .split(' ')
    .map(Number);
  const [parent = 0] = fields.slice(1);
  const [user = 0, kernel = 0, endedUser = 0, endedKernel = 0] = fields.slice(11);
  return { parent, userTicks: user + endedUser, kernelTicks: kernel + endedKernel };
}
