import { operatorToken } from '#libs/testing';
import { verifyEventually } from '#libs/verify';
import { legalMoves } from '../../../demo/legal-moves.js';
import type { Contender, ContenderServers, RunningContender } from '../contender.js';
import { faultsOf, startServices } from '../start-services.js';

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
  const mains = { payment: 'dist/bench/contenders/orderly/payment.js', notification: 'dist/bench/contenders/orderly/notification.js' };
  const { baseUrls, ...started } = await startServices(servers, mains, {
    LOG_LEVEL: 'warn',
    CURSOR_SECRET: secret,
    WEBHOOK_SECRETS_KEY: secret,
    SMTP_URL: 'smtp://localhost:1',
    MAIL_FROM: 'shop@orderly.example',
    PSP_BASE_URL: 'http://localhost:1',
    PSP_API_KEY: secret,
    PSP_WEBHOOK_SECRET: secret,
    ...own,
  });
  const system = {
    databaseUrls,
    rabbitmq: { url: rabbitmqUrl, managementUrl },
    baseUrls,
    operatorToken: operatorToken('verify'),
    legalMoves,
  };
  return { ...started, faults: async () => faultsOf(await verifyEventually(system, restMs)) };
}
