import { execFile } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { freePort } from './free-port.js';
import { startGuarded, type GuardedProcess } from './guarded-process.js';
import { managementRequest } from './management-api.js';
import { findRabbitMq, lastLines, nodeEnvironment, startMapper, writeSettings } from './rabbitmq-node.js';
import { brokerAnswers } from './rabbitmq-readiness.js';

const run = promisify(execFile);

/** Private RabbitMQ nodes on this machine that form one cluster, each of which can be stopped, killed, frozen and started again. */
export class RabbitMqCluster {
  private constructor(
    readonly nodes: readonly RabbitMqNode[],
    private readonly mapper: GuardedProcess,
  ) {}

  /**
   * Comes back when all nodes have joined.
   * @param options.nodes how many; one is a broker by itself
   * @throws when there is no rabbitmq-server on this machine
   */
  static async start({ dir, nodes: count }: { dir: string; nodes: number }): Promise<RabbitMqCluster> {
    const script = findRabbitMq();
    if (!script) throw new Error('there is no rabbitmq-server on this machine: npm start installs it on Debian and Ubuntu');
    const mapperPort = await freePort();
    const names = Array.from({ length: count }, (_, index) => `orderly-${index + 1}@localhost`);
    // The first begins alone, and the others find it.
    const joins = ['cluster_formation.peer_discovery_backend = classic_config', `cluster_formation.classic_config.nodes.1 = ${names[0]}`];
    const nodes: RabbitMqNode[] = [];
    for (const [index, name] of names.entries()) {
      const own = join(dir, `node-${index + 1}`);
      mkdirSync(own, { recursive: true });
      const [port, managementPort, distributionPort] = [await freePort(), await freePort(), await freePort()];
      writeSettings(own, { port, managementPort }, [
        'collect_statistics_interval = 1000',
        ...(count > 1 ? ['cluster_partition_handling = pause_minority'] : []),
        ...(index > 0 ? joins : []),
      ]);
      const env = nodeEnvironment(own, { nodeName: name, distributionPort, mapperPort, home: join(dir, 'home') });
      nodes.push(new RabbitMqNode(name, own, script, env, { port, managementPort }));
    }
    const mapper = await startMapper(dir, mapperPort, nodes[0]!.env);
    const cluster = new RabbitMqCluster(nodes, mapper);
    try {
      for (const node of nodes) await node.start();
      return cluster;
    } catch (error) {
      await cluster.stop();
      throw error;
    }
  }

  /** Those that run and are not frozen. */
  get awake(): RabbitMqNode[] {
    return this.nodes.filter((node) => node.isAwake);
  }

  /** A call of the management API, of the first node that is awake. */
  manage(method: string, path: string, body?: object): Promise<unknown> {
    const [node] = this.awake;
    if (!node) return Promise.reject(new Error('no node is awake'));
    return managementRequest(node.managementUrl, method, path, body);
  }

  async stop(): Promise<void> {
    await Promise.all(this.nodes.map((node) => node.end()));
    await this.mapper.stop();
  }
}

/** One node. It keeps its ports and its data when it is started again. */
export class RabbitMqNode {
  private process: GuardedProcess | undefined;
  private frozen = false;

  constructor(
    readonly name: string,
    private readonly dir: string,
    private readonly script: string,
    readonly env: Record<string, string | undefined>,
    private readonly ports: { port: number; managementPort: number },
  ) {}

  get url(): string {
    return `amqp://guest:guest@127.0.0.1:${this.ports.port}`;
  }

  get managementUrl(): string {
    return `http://guest:guest@127.0.0.1:${this.ports.managementPort}`;
  }

  get runs(): boolean {
    return this.process !== undefined && this.process.exit() === undefined;
  }

  get isAwake(): boolean {
    return this.runs && !this.frozen;
  }

  /** Comes back when it answers. */
  async start(): Promise<void> {
    this.process = await startGuarded({
      command: this.script,
      args: [],
      env: this.env,
      logFile: join(this.dir, 'output.log'),
      stopSignal: 'SIGKILL',
      stopDeadlineSeconds: 30,
      pidFile: join(this.dir, 'rabbitmq.pid'),
    });
    try {
      await brokerAnswers({
        url: this.url,
        managementUrl: this.managementUrl,
        within: 120_000,
        process: this.process,
        nodeName: this.name,
      });
    } catch (error) {
      throw new Error(`${this.name} did not come up: ${(error as Error).message}\n${lastLines(this.dir)}`, { cause: error });
    }
  }

  /** SIGTERM: an orderly end, which takes RabbitMQ 3.10 six seconds. */
  async shutDown(): Promise<void> {
    this.process?.signal('SIGTERM');
    await this.process?.exited;
  }

  /** kill -9. */
  async kill(): Promise<void> {
    this.process?.signal('SIGKILL');
    await this.process?.exited;
  }

  /** SIGSTOP: it keeps its connections and says nothing. */
  freeze(): void {
    this.frozen = true;
    this.process?.signal('SIGSTOP');
  }

  thaw(): void {
    this.frozen = false;
    this.process?.signal('SIGCONT');
  }

  /** Runs rabbitmqctl and gives back what it printed. */
  async control(...command: readonly string[]): Promise<string> {
    const env = Object.fromEntries(Object.entries(this.env).filter(([, value]) => value !== undefined)) as Record<string, string>;
    const { stdout } = await run(join(dirname(this.script), 'rabbitmqctl'), ['--quiet', ...command], { env, timeout: 60_000 });
    return stdout;
  }

  /** Ends it for good. */
  async end(): Promise<void> {
    this.thaw();
    await this.process?.stop();
  }
}
