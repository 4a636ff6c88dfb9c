import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { ServiceProcess } from '#libs/testing';
import type { Cleanup } from './cleanup.js';
import { serviceNames, type ServiceName } from './databases.js';
import type { Infrastructure } from './infrastructure.js';
import { step } from './output.js';
import type { RunningDemo } from './running-demo.js';

export type Services = Readonly<Record<ServiceName, ServiceProcess>>;

export const logFileOf = (folder: string, name: ServiceName): string => join(folder, 'logs', `${name}.log`);

/**
 * Starts the three services on ports in a row, and comes back when all say that they are ready.
 * @throws when one of them doesn't, with the end of its log
 */
export async function startServices(
  options: { folder: string; port: number; cursorSecret: string; smtpUrl: string },
  infrastructure: Infrastructure,
  record: RunningDemo,
  cleanup: Cleanup,
): Promise<Services> {
  const { folder, port, cursorSecret, smtpUrl } = options;
  mkdirSync(join(folder, 'logs'), { recursive: true });
  const started: ServiceProcess[] = [];
  cleanup.add('Stopping the services', () => Promise.all(started.map((service) => service.stop())));
  return step('Starting the services', async () => {
    for (const [index, name] of serviceNames.entries()) {
      const logFile = logFileOf(folder, name);
      rmSync(logFile, { force: true });
      const env = {
        DATABASE_URL: infrastructure.databaseUrls[name],
        RABBITMQ_URL: infrastructure.rabbitmqUrl,
        HTTP_PORT: String(port + index),
        SMTP_URL: smtpUrl,
        MAIL_FROM: 'shop@orderly.example',
        CURSOR_SECRET: cursorSecret,
        LOG_FORMAT: 'pretty',
      };
      const service = await ServiceProcess.start(name, env, { logFile });
      started.push(service);
      record.add(`the ${name} service`, service.pid);
    }
    await Promise.all(started.map((service) => service.ready({ within: 60_000 })));
    return Object.fromEntries(started.map((service) => [service.name, service])) as Services;
  });
}
