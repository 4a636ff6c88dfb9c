import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import ts from 'typescript';
import { describe, expect, it } from 'vitest';
import { eventually } from './eventually.js';
import { startGuarded } from './guarded-process.js';

const command = { env: { PATH: process.env['PATH'] }, stopSignal: 'SIGTERM', stopDeadlineSeconds: 1 } as const;

const isAlive = (pid: number) => {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
};

describe('a guarded process', () => {
  it('gives its output and its exit code', async () => {
    let output = '';
    const child = await startGuarded({
      ...command,
      command: 'sh',
      args: ['-c', 'echo hello; exit 3'],
      onOutput: (chunk) => (output += chunk),
    });
    expect(await child.exited).toEqual({ code: 3, signal: null });
    expect(output).toBe('hello\n');
  });

  it('tells the pid of the command itself, so that signals reach it', async () => {
    const child = await startGuarded({ ...command, command: 'sleep', args: ['60'] });
    child.signal('SIGKILL');
    expect(await child.exited).toEqual({ code: null, signal: 'SIGKILL' });
  });

  it('ends on being stopped, and is killed when it does not', async () => {
    const polite = await startGuarded({ ...command, command: 'sleep', args: ['60'] });
    await polite.stop();
    expect(polite.exit()).toEqual({ code: null, signal: 'SIGTERM' });
    let output = '';
    const deaf = await startGuarded({
      ...command,
      command: 'sh',
      args: ['-c', 'trap "" TERM; echo deaf; while true; do sleep 0.1; done'],
      onOutput: (chunk) => (output += chunk),
    });
    await eventually(() => expect(output).toBe('deaf\n'));
    await deaf.stop();
    expect(deaf.exit()).toEqual({ code: null, signal: 'SIGKILL' });
  });

  it('does not outlive a parent that was killed', async () => {
    const folder = compiled('guarded-process', 'eventually');
    const script = `
      import { startGuarded } from './guarded-process.js';
      const child = await startGuarded({ command: 'sleep', args: ['60'], env: process.env, stopSignal: 'SIGTERM', stopDeadlineSeconds: 1 });
      console.log(child.pid);
      setInterval(() => {}, 1000);`;
    const parent = spawn(process.execPath, ['--input-type=module', '-e', script], { cwd: folder, stdio: ['ignore', 'pipe', 'inherit'] });
    const [line] = (await once(parent.stdout, 'data')) as [Buffer];
    const pid = Number(line.toString());
    expect(isAlive(pid)).toBe(true);
    parent.kill('SIGKILL');
    await eventually(() => expect(isAlive(pid)).toBe(false));
    rmSync(folder, { recursive: true });
  });

  it('is not started beside another one that works on the same data', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'orderly-'));
    const pidFile = join(folder, 'sleep.pid');
    const first = await startGuarded({ ...command, command: 'sleep', args: ['60'], pidFile });
    const second = startGuarded({ ...command, command: 'sleep', args: ['60'], pidFile }).then((started) => ({
      started,
      after: first.exit(),
    }));
    // One that is started later but waits for nobody has come and gone before the first is stopped.
    await (
      await startGuarded({ ...command, command: 'true', args: [] })
    ).exited;
    await first.stop();
    const { started, after } = await second;
    expect(after).toEqual({ code: null, signal: 'SIGTERM' });
    await started.stop();
    rmSync(folder, { recursive: true });
  });
});

/** Node 20 can't run TypeScript: a folder with these sources as JavaScript. */
function compiled(...names: string[]): string {
  const folder = mkdtempSync(join(tmpdir(), 'orderly-'));
  writeFileSync(join(folder, 'package.json'), '{ "type": "module" }');
  for (const name of names) {
    const source = readFileSync(new URL(`./${name}.ts`, import.meta.url), 'utf8');
    const { outputText } = ts.transpileModule(source, {
      compilerOptions: { module: ts.ModuleKind.ESNext, target: ts.ScriptTarget.ES2022 },
    });
    writeFileSync(join(folder, `${name}.js`), outputText);
  }
  return folder;
}
