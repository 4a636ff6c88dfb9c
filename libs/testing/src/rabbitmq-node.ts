import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { freePort } from './free-port.js';
import { startGuarded, type GuardedProcess } from './guarded-process.js';
import { brokerAnswers } from './rabbitmq-readiness.js';
import type { RabbitMqOptions, RunningRabbitMq } from './running-rabbitmq.js';

/**
 * The start script of a rabbitmq-server on this machine. Debian's /usr/sbin/rabbitmq-server is passed by: it changes to the user
 * rabbitmq and forgets the environment that makes a node private.
 */
export function findRabbitMq(): string | undefined {
  const folders = [
    '/usr/lib/rabbitmq/bin',
    '/opt/homebrew/opt/rabbitmq/sbin',
    '/usr/local/opt/rabbitmq/sbin',
    ...(process.env['PATH'] ?? '').split(':').filter((folder) => folder !== '' && folder !== '/usr/sbin' && folder !== '/sbin'),
  ];
  return folders
    .map((folder) => join(folder, 'rabbitmq-server'))
    .find((script) => existsSync(script) && existsSync(join(dirname(script), 'rabbitmq-env')));
}

/** Of a node that stands alone. */
const loneNodeName = 'orderly@localhost';

/**
 * A node with its own name, ports, cookie, data and Erlang port mapper (epmd), all on loopback: it shares nothing with another broker
 * on this machine.
 */
export async function startRabbitMqNode(script: string, options: RabbitMqOptions): Promise<RunningRabbitMq> {
  const startedAt = Date.now();
  const isNew = !existsSync(join(options.dir, 'data'));
  const [port, managementPort, distributionPort, mapperPort] = await Promise.all([
    options.port ?? freePort(),
    options.managementPort ?? freePort(),
    freePort(),
    freePort(),
  ]);
  const env = nodeEnvironment(options.dir, { nodeName: loneNodeName, distributionPort, mapperPort });
  writeSettings(options.dir, { port, managementPort }, options.settings);
  if (options.advancedConfig !== undefined) writeFileSync(join(options.dir, 'advanced.config'), options.advancedConfig);

  const mapper = await startMapper(options.dir, mapperPort, env);
  const broker = await startGuarded({
    command: script,
    args: [],
    env,
    logFile: join(options.dir, 'output.log'),
    stopSignal: options.disposable ? 'SIGKILL' : 'SIGTERM',
    stopDeadlineSeconds: 30,
    pidFile: join(options.dir, 'rabbitmq.pid'),
  });
  const url = `amqp://guest:guest@127.0.0.1:${port}`;
  const managementUrl = `http://guest:guest@127.0.0.1:${managementPort}`;
  const stop = async () => {
    await broker.stop();
    await mapper.stop();
  };
  try {
    await brokerAnswers({ url, managementUrl, within: 120_000, process: broker, nodeName: loneNodeName });
  } catch (error) {
    await stop();
    throw new Error(`RabbitMQ did not come up: ${(error as Error).message}\n${lastLines(options.dir)}`, { cause: error });
  }
  const seconds = ((Date.now() - startedAt) / 1000).toFixed(1);
  options.log?.(`RabbitMQ: private node on 127.0.0.1:${port}${isNew ? ', newly set up' : ''} (${seconds} s)`);
  const control = async (...args: string[]) =>
    (await promisify(execFile)(join(dirname(script), 'rabbitmqctl'), args, { env, timeout: 60_000 })).stdout;
  return { url, managementUrl, origin: 'private node', pid: broker.pid, mapperPid: mapper.pid, control, stop };
}

/** Erlang's port mapper, by which nodes find each other. */
export function startMapper(dir: string, port: number, env: Record<string, string | undefined>): Promise<GuardedProcess> {
  return startGuarded({
    command: findMapper(),
    args: ['-address', '127.0.0.1', '-port', String(port)],
    env,
    stopSignal: 'SIGTERM',
    stopDeadlineSeconds: 5,
    pidFile: join(dir, 'epmd.pid'),
  });
}

/** @param node.home where the cookie is: nodes of one cluster share it. Left out: a folder of the node's own */
export function nodeEnvironment(
  dir: string,
  node: { nodeName: string; distributionPort: number; mapperPort: number; home?: string },
): Record<string, string | undefined> {
  const home = node.home ?? join(dir, 'home');
  mkdirSync(home, { recursive: true });
  return {
    PATH: process.env['PATH'],
    LANG: 'C.UTF-8',
    // Erlang keeps its cookie in the home folder.
    HOME: home,
    ERL_EPMD_ADDRESS: '127.0.0.1',
    ERL_EPMD_PORT: String(node.mapperPort),
    RABBITMQ_NODENAME: node.nodeName,
    RABBITMQ_DIST_PORT: String(node.distributionPort),
    RABBITMQ_MNESIA_BASE: join(dir, 'data'),
    RABBITMQ_LOG_BASE: join(dir, 'log'),
    RABBITMQ_CONFIG_FILE: join(dir, 'rabbitmq.conf'),
    RABBITMQ_ADVANCED_CONFIG_FILE: join(dir, 'advanced.config'),
    RABBITMQ_CONF_ENV_FILE: join(dir, 'rabbitmq-env.conf'),
    RABBITMQ_ENABLED_PLUGINS_FILE: join(dir, 'enabled_plugins'),
    RABBITMQ_PID_FILE: join(dir, 'beam.pid'),
    // Makes the script become the broker instead of its parent, so that signals reach the broker itself.
    RUNNING_UNDER_SYSTEMD: 'true',
    // Idle schedulers sleep at once: busy waiting takes the processor from the services on a small machine.
    RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS: '-kernel inet_dist_use_interface {127,0,0,1} +sbwt none +sbwtdcpu none +sbwtdio none',
  };
}

/** @param more lines of rabbitmq.conf */
export function writeSettings(dir: string, ports: { port: number; managementPort: number }, more: readonly string[] = []): void {
  const settings = [
    `listeners.tcp.local = 127.0.0.1:${ports.port}`,
    'management.tcp.ip = 127.0.0.1',
    `management.tcp.port = ${ports.managementPort}`,
    'log.file.level = warning',
    'log.console = false',
    'disk_free_limit.absolute = 200MB',
    ...more,
  ];
  writeFileSync(join(dir, 'rabbitmq.conf'), `${settings.join('\n')}\n`);
  writeFileSync(join(dir, 'enabled_plugins'), '[rabbitmq_management].\n');
  writeFileSync(join(dir, 'rabbitmq-env.conf'), '');
}

function findMapper(): string {
  const erlang = existsSync('/usr/lib/erlang') ? readdirSync('/usr/lib/erlang').filter((name) => name.startsWith('erts-')) : [];
  const folders = [...(process.env['PATH'] ?? '').split(':'), ...erlang.map((name) => `/usr/lib/erlang/${name}/bin`)];
  const found = folders.map((folder) => join(folder, 'epmd')).find((file) => existsSync(file));
  if (!found) throw new Error('There is a rabbitmq-server here, but no epmd of Erlang beside it');
  return found;
}

/** What a node said last. */
export function lastLines(dir: string): string {
  const logFolder = join(dir, 'log');
  const logs = existsSync(logFolder)
    ? readdirSync(logFolder)
        .filter((name) => name.endsWith('.log'))
        .map((name) => join(logFolder, name))
    : [];
  return [join(dir, 'output.log'), ...logs]
    .filter((file) => existsSync(file))
    .map((file) => readFileSync(file, 'utf8').trimEnd().split('\n').slice(-15).join('\n'))
    .join('\n');
}
