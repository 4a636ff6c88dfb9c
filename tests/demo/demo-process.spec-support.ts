import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { eventually, freePort, isFree, projectRoot } from '#libs/testing';

/** `dist/demo/main.js`, `stop.js` or `rush/main.js` as a process of its own, with the servers of the test run. */
export class DemoProcess {
  output = '';
  private readonly exited: Promise<unknown>;

  private constructor(readonly child: ChildProcess) {
    this.exited = once(child, 'close');
    for (const stream of [child.stdout, child.stderr]) stream?.setEncoding('utf8').on('data', (chunk: string) => (this.output += chunk));
  }

  static run(script: 'main' | 'stop' | 'verify' | 'rush/main', ...args: readonly string[]): DemoProcess {
    return new DemoProcess(spawn(process.execPath, ['--enable-source-maps', join(projectRoot, 'dist', 'demo', `${script}.js`), ...args]));
  }

  /** The exit code, when it has ended. */
  async exitCode(): Promise<number | null> {
    await this.exited;
    return this.child.exitCode;
  }

  /** Comes back when it has printed this. */
  says(words: string): Promise<void> {
    return eventually(
      () => {
        if (!this.output.includes(words)) throw new Error(`not printed: ${words}; but:\n${this.output}`);
      },
      { within: 60_000, every: 50 },
    );
  }
}

/** The second of five free ports in a row: the console's comes before it. */
export async function portAmongFreeOnes(): Promise<number> {
  for (;;) {
    const port = await freePort();
    const others = await Promise.all([-1, 1, 2, 3].map((step) => isFree(port + step)));
    if (others.every(Boolean)) return port;
  }
}
