import type { Contender, ContenderServers, RunningContender } from '../contender.js';
import { startServices } from '../start-services.js';
import { findFaults } from './faults.js';

/**
 * The shop as it is usually written in NestJS today: `save()`, then `emit()`; and a message that is acknowledged whatever came of it. What
 * people leave out is left out: outbox, inbox, idempotency keys, ledger, history and payment deadline. Without faults its books are right.
 */
export const careless: Contender = {
  name: 'careless',
  about: 'the common NestJS style: TypeORM save() and RMQ emit(), no outbox, inbox, idempotency key, ledger, history or deadline',
  start: startCareless,
};

async function startCareless(servers: ContenderServers): Promise<RunningContender> {
  const main = (name: string) => `dist/bench/contenders/careless/${name}.js`;
  const started = await startServices(servers, { order: main('order'), payment: main('payment'), notification: main('notification') });
  return { ...started, faults: () => findFaults(servers.databaseUrls) };
}
