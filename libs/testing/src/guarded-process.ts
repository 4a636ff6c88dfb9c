import { spawn, spawnSync } from 'node:child_process';
import { closeSync, existsSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { constants } from 'node:os';
import { once } from 'node:events';
import type { Readable, Writable } from 'node:stream';
import { eventually } from './eventually.js';

/**
 * Runs "$@" until it ends by itself or standard input is closed, which happens when our process ends, however it ends: nothing that
 * we started outlives us, not even after kill -9. Descriptor 3 tells the pid of the command itself.
 */
const guard = `
exec 4<&0 </dev/null
"$@" 3>&- 4<&- &
server=$!
echo $server >&3
exec 3>&-
(
  read -r nothing <&4
  kill -s "$GUARD_SIGNAL" $server
  tries=0
  while kill -0 $server && [ $tries -lt $((GUARD_DEADLINE_SECONDS * 5)) ]; do sleep 0.2; tries=$((tries + 1)); done
  kill -s KILL $server
) >/dev/null 2>&1 &
reader=$!
exec 4<&-
wait $server
code=$?
kill $reader 2>/dev/null
exit $code
`;

export interface GuardedCommand {
  readonly command: string;
  readonly args: readonly string[];
  readonly env: Record<string, string | undefined>;
  readonly cwd?: string;
  /** The user to run as; only root may name one. */
  readonly user?: { uid: number; gid: number };
  /** A file to append output to; left out, output is given to `onOutput`. */
  readonly logFile?: string;
  readonly onOutput?: (chunk: string) => void;
  /** Asks the command to end. */
  readonly stopSignal: 'SIGTERM' | 'SIGINT' | 'SIGKILL';
  /** How long it may take to end before it is killed. */
  readonly stopDeadlineSeconds: number;
  /** Remembers the process, so that two never work on the same data. */
  readonly pidFile?: string;
}

export interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** A child process in a session of its own, so that Ctrl-C in a terminal leaves it to us when it is stopped. */
export interface GuardedProcess {
  readonly pid: number;
  readonly exited: Promise<Exit>;
  /** How it ended; undefined while it runs. */
  exit(): Exit | undefined;
  signal(signal: NodeJS.Signals): void;
  /** Asks it to end, kills it after the deadline, and comes back when it is gone. */
  stop(): Promise<void>;
}

export async function startGuarded(command: GuardedCommand): Promise<GuardedProcess> {
  if (command.pidFile) await awaitEarlier(command.pidFile);
  const log = command.logFile === undefined ? 'pipe' : openSync(command.logFile, 'a');
  const child = spawn('/bin/sh', ['-c', guard, guardName(command.pidFile), command.command, ...command.args], {
    cwd: command.cwd ?? '/',
    detached: true,
    env: { ...command.env, GUARD_SIGNAL: command.stopSignal.slice(3), GUARD_DEADLINE_SECONDS: String(command.stopDeadlineSeconds) },
    stdio: ['pipe', log, log, 'pipe'],
    ...command.user,
  });
  if (typeof log === 'number') closeSync(log);
  for (const output of [child.stdout, child.stderr]) {
    output?.setEncoding('utf8').on('data', (chunk: string) => command.onOutput?.(chunk));
  }
  const leash = child.stdin as Writable;
  leash.on('error', () => {});
  await once(child, 'spawn');
  let exit: Exit | undefined;
  const exited = (log === 'pipe' ? once(child, 'close') : once(child, 'exit')).then(([code, signal]) => {
    exit = signal === null && code > 128 ? { code: null, signal: signalNumbered(code - 128) } : { code, signal };
    leash.destroy();
    return exit;
  });
  if (command.pidFile) writeFileSync(command.pidFile, String(child.pid));
  const pid = Number(await text(child.stdio[3] as Readable));
  return {
    pid,
    exited,
    exit: () => exit,
    signal(signal) {
      try {
        if (!exit) process.kill(pid, signal);
      } catch (error) {
        // It has ended, and we are about to be told.
        if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
      }
    },
    async stop() {
      leash.end();
      await exited;
    },
  };
}

const guardName = (pidFile: string | undefined): string => `orderly-guard ${pidFile ?? ''}`.trim();

/** Waits for what an earlier run left behind: its guard is stopping it. */
async function awaitEarlier(pidFile: string): Promise<void> {
  await eventually(
    () => {
      const pid = readPid(pidFile);
      if (pid !== undefined && commandLine(pid).includes(guardName(pidFile))) {
        throw new Error(`Process ${pid} still works in this folder (${pidFile}); stop it first`);
      }
    },
    { within: 30_000, every: 200 },
  );
}

function readPid(pidFile: string): number | undefined {
  try {
    return Number(readFileSync(pidFile, 'utf8'));
  } catch {
    return undefined;
  }
}

function commandLine(pid: number): string {
  if (existsSync('/proc/self/cmdline')) {
    return existsSync(`/proc/${pid}/cmdline`) ? readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ') : '';
  }
  return spawnSync('ps', ['-o', 'command=', '-p', String(pid)], { encoding: 'utf8' }).stdout ?? '';
}

function signalNumbered(number: number): NodeJS.Signals | null {
  const found = Object.entries(constants.signals).find(([, value]) => value === number);
  return (found?.[0] as NodeJS.Signals | undefined) ?? null;
}

async function text(stream: Readable): Promise<string> {
  let all = '';
  for await (const chunk of stream) all += String(chunk);
  return all;
}
