import { ServiceProcess } from '#libs/testing';
import { verifyEventually } from '#libs/verify';
import { legalMoves } from '../../../demo/legal-moves.js';
import type { Contender, ContenderServers, RunningContender } from '../contender.js';
import { prepareGround } from './ground.js';

/** How long the books may take to come to rest after the last order was told. */
const restMs = 20_000;

const names = ['order', 'payment', 'notification'] as const;
const told = `FROM notifications WHERE kind = 'order-paid' AND status = 'sent'`;

/**
 * What this machine can do at best with the guarantees, the rows and the messages of the real services: one statement for whatever has
 * arrived, no framework. It is a measure and no application. What a fault would need is left out: nothing sweeps the outbox after a crash,
 * reconnects, retries or parks a message. A service that meets a fault ends, and what it had committed stays.
 */
export const floor: Contender = {
  name: 'floor',
  about: 'the same rows and messages in hand-written batches: Fastify, pg and amqplib alone, no recovery',
  start: startFloor,
};

async function startFloor(servers: ContenderServers): Promise<RunningContender> {
  const { databaseUrls, rabbitmqUrl, managementUrl } = servers;
  await prepareGround(servers);
  const environment = {
    NODE_ENV: 'production',
    RABBITMQ_URL: rabbitmqUrl,
    ...(process.env['BENCH_NODE_OPTIONS'] && { NODE_OPTIONS: process.env['BENCH_NODE_OPTIONS'] }),
  };
  const start = (name: (typeof names)[number]) =>
    ServiceProcess.start(name, { ...environment, DATABASE_URL: databaseUrls[name] }, { main: `dist/bench/contenders/floor/${name}.js` });
  const [order, payment, notification] = await Promise.all([start('order'), start('payment'), start('notification')]);
  const services = [order, payment, notification];
  const stop = async () => {
    await Promise.all(services.map((service) => service.stop()));
  };
  try {
    await Promise.all(services.map((service) => service.ready()));
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    url: order.baseUrl,
    pids: { order: order.pid, payment: payment.pid, notification: notification.pid },
    toldCount: `SELECT count(*)::int AS told ${told}`,
    toldTimes: `SELECT order_id, pg_xact_commit_timestamp(xmin) AS told_at ${told}`,
    async faults() {
      // Without an address over HTTP: there is nothing to browse here.
      const results = await verifyEventually({ databaseUrls, rabbitmq: { url: rabbitmqUrl, managementUrl }, legalMoves }, restMs);
      return results
        .filter(({ violations }) => violations > 0)
        .map(({ name, violations, offenders }) => `${name}: ${violations}, for example ${offenders[0]}`);
    },
    stop,
  };
}
