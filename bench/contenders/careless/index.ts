import { ServiceProcess } from '#libs/testing';
import type { Contender, ContenderServers, RunningContender } from '../contender.js';
import { findFaults } from './faults.js';

const names = ['order', 'payment', 'notification'] as const;
const told = `FROM notifications WHERE kind = 'order-paid' AND status = 'sent'`;

/**
 * The shop as it is usually written in NestJS today: `save()`, then `emit()`; and a message that is acknowledged whatever came of it. What
 * people leave out is left out: outbox, inbox, idempotency keys, ledger, history and payment deadline. Without faults its books are right.
 */
export const careless: Contender = {
  name: 'careless',
  about: 'the common NestJS style: TypeORM save() and RMQ emit(), no outbox, inbox, idempotency key, ledger, history or deadline',
  start: startCareless,
};

async function startCareless({ databaseUrls, rabbitmqUrl }: ContenderServers): Promise<RunningContender> {
  const environment = {
    NODE_ENV: 'production',
    RABBITMQ_URL: rabbitmqUrl,
    ...(process.env['BENCH_NODE_OPTIONS'] && { NODE_OPTIONS: process.env['BENCH_NODE_OPTIONS'] }),
  };
  const start = (name: (typeof names)[number]) =>
    ServiceProcess.start(name, { ...environment, DATABASE_URL: databaseUrls[name] }, { main: `dist/bench/contenders/careless/${name}.js` });
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
    faults: () => findFaults(databaseUrls),
    stop,
  };
}
