import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { freePort } from './free-port.js';
import { eventually } from './eventually.js';
import { startGuarded, type Exit, type GuardedProcess } from './guarded-process.js';
import { projectRoot } from './project-root.js';
import { callersEnvironment } from './test-callers.js';

export type ServiceName = 'order' | 'payment' | 'notification' | 'psp-simulator' | 'console';

/** One of our services as a process of its own, on a port that it keeps when it is started again. */
export class ServiceProcess {
  private process: GuardedProcess | undefined;
  private said = '';

  private constructor(
    readonly name: ServiceName,
    readonly port: number,
    private env: Readonly<Record<string, string>>,
    private readonly logFile: string | undefined,
    private readonly main: string,
  ) {}

  /**
   * Starts `dist/apps/<name>/src/main.js`, or another program that answers `/health/ready`; `ready()` awaits it.
   * @param env the whole environment that it gets, beside PATH; HTTP_PORT is a free one when left out, and whom it
   * answers how often is said by `callersEnvironment`, unless it names an issuer
   * @param options.asleep leaves it to a later `start()`
   * @param options.logFile a file that its output is appended to, instead of being kept in memory
   * @param options.main the program, as a path from the project's root
   */
  static async start(
    name: ServiceName,
    env: Readonly<Record<string, string>>,
    options: { asleep?: boolean | undefined; logFile?: string; main?: string } = {},
  ): Promise<ServiceProcess> {
    const port = Number(env['HTTP_PORT'] ?? (await freePort()));
    const main = join(projectRoot, options.main ?? join('dist', 'apps', name, 'src', 'main.js'));
    const issuer = env['JWT_ISSUER'] === undefined ? callersEnvironment() : {};
    const environment = { HTTP_HOST: '127.0.0.1', ...issuer, ...env, HTTP_PORT: String(port) };
    const service = new ServiceProcess(name, port, environment, options.logFile, main);
    if (!options.asleep) await service.start();
    return service;
  }

  /** Whether it was started at all, be it that it has ended since. */
  get isStarted(): boolean {
    return this.process !== undefined;
  }

  get baseUrl(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  get pid(): number {
    return this.running().pid;
  }

  /** All that it has printed, of every time it was started. */
  get output(): string {
    return this.logFile === undefined ? this.said : readFileSync(this.logFile, 'utf8');
  }

  /** Its log, one object a line; lines that are no JSON are left out. */
  get log(): Record<string, unknown>[] {
    return this.output.split('\n').flatMap((line) => {
      try {
        return line.startsWith('{') ? [JSON.parse(line) as Record<string, unknown>] : [];
      } catch {
        return [];
      }
    });
  }

  /** How it ended; undefined while it runs. */
  get exit(): Exit | undefined {
    return this.process?.exit();
  }

  /** Settles when it ends, for whatever reason. */
  get exited(): Promise<Exit> {
    return this.running().exited;
  }

  /** Starts it again after it has ended, with the same port, and other environment where given. */
  async start(env: Readonly<Record<string, string>> = {}): Promise<void> {
    if (this.process && !this.process.exit()) throw new Error(`the ${this.name} service runs already`);
    const { main } = this;
    if (!existsSync(main)) throw new Error(`${main} is missing: compile first (npm test does)`);
    this.env = { ...this.env, ...env };
    this.process = await startGuarded({
      command: process.execPath,
      // As in the image: in bounds, Node keeps its memory in order instead of taking what there is.
      args: ['--enable-source-maps', '--max-old-space-size=160', '--max-semi-space-size=8', main],
      cwd: projectRoot,
      env: { PATH: process.env['PATH'], ...this.env },
      ...(this.logFile === undefined ? { onOutput: (chunk) => (this.said += chunk) } : { logFile: this.logFile }),
      stopSignal: 'SIGTERM',
      stopDeadlineSeconds: 30,
    });
  }

  /**
   * Awaits that it says it is ready.
   * @throws when it ends before, or takes longer; the message ends with what it printed last
   */
  async ready(options: { within?: number } = {}): Promise<void> {
    const ended = Symbol('ended');
    const outcome = await eventually(
      async () => {
        if (this.exit) return ended;
        const response = await fetch(`${this.baseUrl}/health/ready`, { signal: AbortSignal.timeout(5000) });
        if (!response.ok) throw new Error(`the ${this.name} service is not ready: ${await response.text()}`);
        return undefined;
      },
      { within: options.within ?? 30_000, every: 50 },
    ).catch((error: Error) => error);
    if (outcome === undefined) return;
    const what = outcome === ended ? `ended (${JSON.stringify(this.exit)}) before it was ready` : `is not ready: ${outcome.message}`;
    throw new Error(`The ${this.name} service ${what}\n${this.output.trimEnd().split('\n').slice(-20).join('\n')}`);
  }

  /** kill -9, and comes back when it is gone. */
  async kill(): Promise<void> {
    this.running().signal('SIGKILL');
    await this.exited;
  }

  /** Freezes it where it is. */
  pause(): void {
    this.running().signal('SIGSTOP');
  }

  resume(): void {
    this.running().signal('SIGCONT');
  }

  /** SIGTERM, and comes back with how it ended; kills it after 30 s. Undefined when it was never started. */
  async stop(): Promise<Exit | undefined> {
    // A frozen process would sleep through the signal.
    this.process?.signal('SIGCONT');
    await this.process?.stop();
    return this.exit;
  }

  private running(): GuardedProcess {
    if (!this.process) throw new Error(`the ${this.name} service was never started`);
    return this.process;
  }
}
