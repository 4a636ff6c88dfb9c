import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { join } from 'node:path';
import { freePort } from './free-port.js';
import { startGuarded } from './guarded-process.js';
import { brokerAnswers } from './rabbitmq-readiness.js';
import type { RabbitMqOptions, RunningRabbitMq } from './running-rabbitmq.js';

const image = 'rabbitmq:4-management';

/** RabbitMQ in a container; undefined, with a line that says why, when there is no Docker engine or it can't get the image. */
export async function startRabbitMqContainer(options: RabbitMqOptions): Promise<RunningRabbitMq | undefined> {
  const log = options.log ?? (() => {});
  const engine = await docker(['info', '--format', '{{.ServerVersion}}'], 10_000);
  if (!engine.succeeded || engine.output.trim() === '') return undefined;
  if (!(await docker(['image', 'inspect', image], 10_000)).succeeded) {
    log(`RabbitMQ is not on this machine: getting the Docker image ${image} …`);
    const pulled = await docker(['pull', '--quiet', image], 180_000);
    if (!pulled.succeeded) {
      log(`Docker can't get ${image} (${pulled.output.trim().split('\n').at(-1)}); trying without it`);
      return undefined;
    }
  }
  return startContainer(options);
}

async function startContainer(options: RabbitMqOptions): Promise<RunningRabbitMq> {
  const startedAt = Date.now();
  // The same folder finds the same volume again.
  const name = `orderly-rabbitmq-${createHash('sha256').update(options.dir).digest('hex').slice(0, 12)}`;
  const [port, managementPort] = await Promise.all([options.port ?? freePort(), options.managementPort ?? freePort()]);
  await docker(['rm', '--force', name], 30_000);
  const container = await startGuarded({
    command: 'docker',
    args: [
      'run',
      '--rm',
      `--name=${name}`,
      '--hostname=orderly',
      `--publish=127.0.0.1:${port}:5672`,
      `--publish=127.0.0.1:${managementPort}:15672`,
      `--volume=${name}:/var/lib/rabbitmq`,
      image,
    ],
    env: process.env,
    logFile: join(options.dir, 'output.log'),
    stopSignal: 'SIGTERM',
    stopDeadlineSeconds: 30,
    pidFile: join(options.dir, 'rabbitmq.pid'),
  });
  const url = `amqp://guest:guest@127.0.0.1:${port}`;
  const managementUrl = `http://guest:guest@127.0.0.1:${managementPort}`;
  const stop = async () => {
    await container.stop();
    await docker(['rm', '--force', name], 30_000);
    if (options.disposable) await docker(['volume', 'rm', name], 30_000);
  };
  try {
    await brokerAnswers({ url, managementUrl, within: 120_000, process: container, nodeName: 'rabbit@orderly' });
  } catch (error) {
    await stop();
    throw new Error(`RabbitMQ did not come up in its container (${join(options.dir, 'output.log')}): ${(error as Error).message}`, {
      cause: error,
    });
  }
  options.log?.(`RabbitMQ: container ${name} on 127.0.0.1:${port} (${((Date.now() - startedAt) / 1000).toFixed(1)} s)`);
  return { url, managementUrl, origin: `container ${name}`, stop };
}

async function docker(args: string[], timeout: number): Promise<{ succeeded: boolean; output: string }> {
  const child = spawn('docker', args, { stdio: ['ignore', 'pipe', 'pipe'], timeout });
  let output = '';
  child.stdout.on('data', (chunk) => (output += chunk));
  child.stderr.on('data', (chunk) => (output += chunk));
  try {
    const [code] = (await once(child, 'close')) as [number | null];
    return { succeeded: code === 0, output };
  } catch (error) {
    return { succeeded: false, output: (error as Error).message };
  }
}
