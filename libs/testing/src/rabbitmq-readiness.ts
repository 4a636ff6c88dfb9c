import { connect } from 'amqplib';
import { eventually } from './eventually.js';
import type { GuardedProcess } from './guarded-process.js';
import { managementRequest } from './management-api.js';

/**
 * Comes back when the broker takes connections and its management plugin answers.
 * @param broker.nodeName when given, the broker must say that it is called so: another one may listen there
 * @throws when it doesn't within the time, or its process ends
 */
export async function brokerAnswers(broker: {
  url: string;
  managementUrl: string;
  within: number;
  process?: GuardedProcess;
  nodeName?: string;
}): Promise<void> {
  let ended = false;
  await eventually(
    async () => {
      ended = broker.process?.exit() !== undefined;
      if (ended) return;
      const overview = (await managementRequest(broker.managementUrl, 'GET', '/api/overview')) as { node?: string };
      if (broker.nodeName && overview.node !== broker.nodeName) throw new Error(`${overview.node} answers in place of ${broker.nodeName}`);
      const connection = await connect(broker.url, { timeout: 5000 });
      await connection.close();
    },
    { within: broker.within, every: 100 },
  );
  if (ended) throw new Error('the broker ended by itself');
}
