import { verifyEventually } from '#libs/verify';
import { legalMoves } from '../../../demo/legal-moves.js';
import type { Contender, ContenderServers, RunningContender } from '../contender.js';
import { faultsOf, startServices } from '../start-services.js';
import { prepareGround } from './ground.js';

/** How long the books may take to come to rest after the last order was told. */
const restMs = 20_000;

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
  const main = (name: string) => `dist/bench/contenders/floor/${name}.js`;
  const started = await startServices(servers, { order: main('order'), payment: main('payment'), notification: main('notification') });
  // Without an address over HTTP: there is nothing to browse here.
  const system = { databaseUrls, rabbitmq: { url: rabbitmqUrl, managementUrl }, legalMoves };
  return { ...started, faults: async () => faultsOf(await verifyEventually(system, restMs)) };
}
