import { mkdirSync } from 'node:fs';
import { findRabbitMq, startRabbitMqNode } from './rabbitmq-node.js';
import { startRabbitMqContainer } from './rabbitmq-container.js';
import { canInstallRabbitMq, installRabbitMq } from './rabbitmq-install.js';
import { brokerAnswers } from './rabbitmq-readiness.js';
import type { RabbitMqOptions, RunningRabbitMq } from './running-rabbitmq.js';

/**
 * RabbitMQ, by the first of these ways that works: the broker named in `ORDERLY_RABBITMQ_URL` and `ORDERLY_RABBITMQ_MANAGEMENT_URL`, unless
 * `own` asks for another; a private node from a rabbitmq-server found here; a Docker container; a private node after installing Debian's package.
 * @throws an error that lists the ways out, when none does
 */
export async function startRabbitMq(options: RabbitMqOptions): Promise<RunningRabbitMq> {
  const log = options.log ?? (() => {});
  const url = process.env['ORDERLY_RABBITMQ_URL'];
  if (url && !options.own) {
    const managementUrl = process.env['ORDERLY_RABBITMQ_MANAGEMENT_URL'] ?? managementBeside(url);
    await brokerAnswers({ url, managementUrl, within: 10_000 });
    log('RabbitMQ: the one named by ORDERLY_RABBITMQ_URL');
    return { url, managementUrl, origin: 'ORDERLY_RABBITMQ_URL', stop: async () => {} };
  }
  mkdirSync(options.dir, { recursive: true });
  const found = findRabbitMq();
  if (found) return startRabbitMqNode(found, options);
  const container = await startRabbitMqContainer(options);
  if (container) return container;
  if (canInstallRabbitMq()) {
    await installRabbitMq(options.dir, log);
    const installed = findRabbitMq();
    if (installed) return startRabbitMqNode(installed, options);
  }
  throw new Error(
    [
      'RabbitMQ is not on this machine, and it could not be brought here. Ways out, any one of them:',
      '  - install it: sudo apt-get install rabbitmq-server (Debian, Ubuntu), brew install rabbitmq (macOS); its service need not run',
      '  - start Docker, with the image rabbitmq:4-management',
      '  - name a running broker: ORDERLY_RABBITMQ_URL=amqp://user:password@host:5672 ORDERLY_RABBITMQ_MANAGEMENT_URL=http://user:password@host:15672',
    ].join('\n'),
  );
}

/** Where the management plugin listens unless it was told otherwise. */
function managementBeside(amqpUrl: string): string {
  const { username, password, hostname } = new URL(amqpUrl);
  return `http://${username || 'guest'}:${password || 'guest'}@${hostname}:15672`;
}
