import { ServiceProcess } from '#libs/testing';
import { verifyEventually } from '#libs/verify';
import { legalMoves } from '../../../demo/legal-moves.js';
import type { Contender, ContenderServers, RunningContender } from '../contender.js';

/** How long the books may take to come to rest after the last order was told. */
const restMs = 30_000;

/** Orderly: the real three services, every guarantee on. */
export const orderly: Contender = {
  name: 'orderly',
  about: 'the three services of this repository as they are; provider and mail server answer at once',
  start: (servers) => startOrderly(servers, {}),
};

/** What batching is worth: the same without it. */
export const perMessage: Contender = {
  name: 'per-message',
  about: 'the same services with BATCH_SIZE=1: a transaction for each request and each message',
  start: (servers) => startOrderly(servers, { BATCH_SIZE: '1' }),
};

async function startOrderly(servers: ContenderServers, own: Readonly<Record<string, string>>): Promise<RunningContender> {
  const { databaseUrls, rabbitmqUrl, managementUrl } = servers;
  const secret = 'a secret of the bench';
  const environment = {
    NODE_ENV: 'production',
    LOG_LEVEL: 'warn',
    RABBITMQ_URL: rabbitmqUrl,
    CURSOR_SECRET: secret,
    SMTP_URL: 'smtp://localhost:1',
    MAIL_FROM: 'shop@orderly.example',
    PSP_BASE_URL: 'http://localhost:1',
    PSP_API_KEY: secret,
    PSP_WEBHOOK_SECRET: secret,
    ...(process.env['BENCH_NODE_OPTIONS'] && { NODE_OPTIONS: process.env['BENCH_NODE_OPTIONS'] }),
    ...own,
  };
  const start = (name: 'order' | 'payment' | 'notification', main?: string) =>
    ServiceProcess.start(name, { ...environment, DATABASE_URL: databaseUrls[name] }, main === undefined ? {} : { main });
  const services = await Promise.all([
    start('order'),
    start('payment', 'dist/bench/contenders/orderly/payment.js'),
    start('notification', 'dist/bench/contenders/orderly/notification.js'),
  ]);
  const stop = async () => {
    await Promise.all(services.map((service) => service.stop()));
  };
  try {
    await Promise.all(services.map((service) => service.ready()));
  } catch (error) {
    await stop();
    throw error;
  }
  const [order, payment, notification] = services;
  return {
    url: order.baseUrl,
    pids: { order: order.pid, payment: payment.pid, notification: notification.pid },
    toldCount: `SELECT count(*)::int AS told FROM notifications WHERE kind = 'order-paid' AND status = 'sent'`,
    toldTimes: `SELECT order_id, pg_xact_commit_timestamp(xmin) AS told_at FROM notifications WHERE kind = 'order-paid' AND status = 'sent'`,
    async faults() {
      const baseUrls = { order: order.baseUrl, payment: payment.baseUrl };
      const rabbitmq = { url: rabbitmqUrl, managementUrl };
      const results = await verifyEventually({ databaseUrls, rabbitmq, baseUrls, legalMoves }, restMs);
      return results
        .filter(({ violations }) => violations > 0)
        .map(({ name, violations, offenders }) => `${name}: ${violations}, for example ${offenders[0]}`);
    },
    stop,
  };
}
