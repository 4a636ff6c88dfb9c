import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { TokenIssuer } from '#libs/issuer';
import { ServiceProcess } from '#libs/testing';
import type { Cleanup } from './cleanup.js';
import { serviceNames, type ServiceName } from './databases.js';
import type { Infrastructure } from './infrastructure.js';
import { step } from './output.js';
import type { RunningDemo } from './running-demo.js';
import type { Settings } from './settings.js';

export type Services = Readonly<Record<ServiceName, ServiceProcess>>;

export const logFileOf = (folder: string, name: ServiceName): string => join(folder, 'logs', `${name}.log`);

/** The console comes first, as 3000: what is documented counts from the order service's 3001. */
const inPortOrder: readonly ServiceName[] = ['console', 'order', 'payment', 'notification', 'psp-simulator'];

/** Where a service of the demo listens, whose order service has this port. */
const portOf = (name: ServiceName, orderPort: number): number => orderPort - 1 + inPortOrder.indexOf(name);

/** Every port of that demo, in a row. */
export const portsOf = (orderPort: number): number[] => inPortOrder.map((name) => portOf(name, orderPort));

/**
 * Starts the services on ports in a row, and comes back when all say that they are ready.
 * @throws when one of them doesn't, with the end of its log
 */
export async function startServices(
  options: { folder: string; port: number; settings: Settings; smtpUrl: string; issuer: TokenIssuer },
  infrastructure: Infrastructure,
  record: RunningDemo,
  cleanup: Cleanup,
): Promise<Services> {
  const { folder, issuer } = options;
  const environments = environmentsOf(options, infrastructure.brokerOf);
  mkdirSync(join(folder, 'logs'), { recursive: true });
  const started: ServiceProcess[] = [];
  cleanup.add('Stopping the services', () => Promise.all(started.map((service) => service.stop())));
  return step('Starting the services', async () => {
    for (const name of serviceNames) {
      const logFile = logFileOf(folder, name);
      rmSync(logFile, { force: true });
      const env = {
        ...infrastructure.databases[name],
        LOG_FORMAT: 'pretty',
        ...issuer.environment,
        ...environments[name],
      };
      const service = await ServiceProcess.start(name, env, { logFile });
      started.push(service);
      record.add(`the ${name} service`, service.pid);
    }
    await Promise.all(started.map((service) => service.ready({ within: 60_000 })));
    return Object.fromEntries(started.map((service) => [service.name, service])) as Services;
  });
}

function environmentsOf(
  { port, settings, smtpUrl }: { port: number; settings: Settings; smtpUrl: string },
  brokerOf: Infrastructure['brokerOf'],
): Record<ServiceName, Record<string, string>> {
  const { cursorSecret, webhookSecretsKey, pspApiKey, pspWebhookSecret } = settings;
  const ownPort = (name: ServiceName) => String(portOf(name, port));
  return {
    order: { HTTP_PORT: ownPort('order'), ...brokerOf('order'), CURSOR_SECRET: cursorSecret },
    payment: {
      HTTP_PORT: ownPort('payment'),
      ...brokerOf('payment'),
      PSP_BASE_URL: `http://127.0.0.1:${ownPort('psp-simulator')}`,
      PSP_API_KEY: pspApiKey,
      PSP_WEBHOOK_SECRET: pspWebhookSecret,
    },
    notification: {
      HTTP_PORT: ownPort('notification'),
      ...brokerOf('notification'),
      SMTP_URL: smtpUrl,
      MAIL_FROM: 'shop@orderly.example',
      CURSOR_SECRET: cursorSecret,
      WEBHOOK_SECRETS_KEY: webhookSecretsKey,
      // Receivers that are being written listen on this machine.
      WEBHOOK_ALLOWED_NETWORKS: '127.0.0.0/8,::1/128',
      WEBHOOK_ALLOW_HTTP: 'true',
    },
    'psp-simulator': {
      HTTP_PORT: ownPort('psp-simulator'),
      API_KEY: pspApiKey,
      WEBHOOK_URL: `http://127.0.0.1:${ownPort('payment')}/webhooks/psp`,
      WEBHOOK_SECRET: pspWebhookSecret,
      FAULTS_ENABLED: 'true',
      // Longer than the shortest window of an order, so that its story can have money that comes too late.
      WEBHOOK_LATE_MS: '7000',
    },
    console: { HTTP_PORT: ownPort('console'), ...brokerOf('console'), CURSOR_SECRET: cursorSecret },
  };
}
