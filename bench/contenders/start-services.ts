import { ServiceProcess } from '#libs/testing';
import type { CheckResult } from '#libs/verify';
import type { ContenderServers, RunningContender } from './contender.js';

const names = ['order', 'payment', 'notification'] as const;
type Name = (typeof names)[number];

/** Every contender notes it in a row like this. */
const told = `FROM notifications WHERE kind = 'order-paid' AND status = 'sent'`;

export interface StartedServices extends Omit<RunningContender, 'faults'> {
  readonly baseUrls: Readonly<Record<Name, string>>;
}

/**
 * Starts the three services of a contender, each on its own database, and comes back when all are ready.
 * @param mains what to start instead of the real service
 * @throws when one of them doesn't become ready, and then none is left
 */
export async function startServices(
  { databaseUrls, rabbitmqUrl }: ContenderServers,
  mains: Partial<Readonly<Record<Name, string>>>,
  environment: Readonly<Record<string, string>> = {},
): Promise<StartedServices> {
  const shared = {
    NODE_ENV: 'production',
    RABBITMQ_URL: rabbitmqUrl,
    ...(process.env['BENCH_NODE_OPTIONS'] && { NODE_OPTIONS: process.env['BENCH_NODE_OPTIONS'] }),
    ...environment,
  };
  const services = await Promise.all(
    names.map((name) => {
      const main = mains[name];
      return ServiceProcess.start(name, { ...shared, DATABASE_URL: databaseUrls[name] }, main === undefined ? {} : { main });
    }),
  );
  const stop = async () => {
    await Promise.all(services.map((service) => service.stop()));
  };
  try {
    await Promise.all(services.map((service) => service.ready()));
  } catch (error) {
    await stop();
    throw error;
  }
  const [order, payment, notification] = services as [ServiceProcess, ServiceProcess, ServiceProcess];
  return {
    url: order.baseUrl,
    baseUrls: { order: order.baseUrl, payment: payment.baseUrl, notification: notification.baseUrl },
    pids: { order: order.pid, payment: payment.pid, notification: notification.pid },
    toldCount: `SELECT count(*)::int AS told ${told}`,
    toldTimes: `SELECT order_id, pg_xact_commit_timestamp(xmin) AS told_at ${told}`,
    stop,
  };
}

/** One line for each promise that was broken. */
export function faultsOf(results: readonly CheckResult[]): string[] {
  return results
    .filter(({ violations }) => violations > 0)
    .map(({ name, violations, offenders }) => `${name}: ${violations}, for example ${offenders[0]}`);
}
