import { setTimeout as sleep } from 'node:timers/promises';
import { OrderPaid } from '#libs/contracts';
import { eventually, ServiceProcess, TcpProxy } from '#libs/testing';
import { memoryMb, processorTimeOf } from '../measuring/processor-time.js';
import type { Ground } from '../measuring/servers.js';
import type { BacklogReport } from '../report/growth.js';
import { inDatabase } from '../seeding/databases.js';
import { requireEmptyOutbox } from '../seeding/deadlines.js';
import { createIdOf } from '../seeding/ids.js';
import { insertIntoOutbox } from '../seeding/messages.js';
import type { Workbench } from '../workbench.js';

/** Takes `order.paid.v1`, and nobody consumes it here: what is measured is the relay alone. */
const queue = 'notification.notify-customer';
const lookMs = 100;
/** A drain that has not moved for so long won't. */
const stalledMs = 60_000;

/**
 * The broker goes away, messages pile up in the order service's outbox, and the broker comes back: how fast they leave, and what the order
 * service holds in memory meanwhile.
 */
export async function backlogOf(messages: number, { servers, watch, progress }: Workbench): Promise<BacklogReport> {
  progress.begin(`A backlog of ${messages} messages`);
  progress.show('starting');
  const ground = await servers.ground();
  const proxy = await TcpProxy.before(servers.rabbitmqUrl);
  const service = await watch(
    ServiceProcess.start('order', {
      NODE_ENV: 'production',
      LOG_LEVEL: 'error',
      DATABASE_URL: ground.databaseUrls.order,
      RABBITMQ_URL: proxy.through(ground.rabbitmqUrl),
      CURSOR_SECRET: 'a secret of the bench',
    }),
  );
  try {
    await service.ready();
    proxy.refuse();
    proxy.cut();
    progress.show('the broker is away, and messages pile up');
    await writeBacklog(ground, messages);
    progress.show('the broker is back');
    const places = { postgres: servers.pids.postgres, rabbitmq: servers.pids.rabbitmq, order: service.pid };
    const usage = () =>
      Object.values(places)
        .map(processorTimeOf)
        .reduce((sum, { userMs, kernelMs }) => sum + userMs + kernelMs, 0);
    const usedBefore = usage();
    proxy.restore();
    const drain = await watchDrain(ground, messages, () => memoryMb(service.pid));
    const processorMs = (usage() - usedBefore) / messages;
    await requireAllArrived(ground, messages);
    progress.end(`${Math.round(drain.perSecond)} messages/s`);
    return { messages, ...drain, processorMs };
  } finally {
    await service.stop();
    await proxy.close();
    await ground.clear();
  }
}

async function writeBacklog({ databaseUrls }: Ground, messages: number): Promise<void> {
  await inDatabase(databaseUrls.order, async (client) => {
    await client.query(createIdOf);
    await client.query(
      insertIntoOutbox(
        OrderPaid,
        OrderPaid.example,
        `SELECT pg_temp.id_of('order', number, ${Date.now()}) AS order_id, pg_temp.id_of('message', number, ${Date.now()}) AS id, NULL::timestamptz AS due_at
         FROM generate_series(1, ${messages}) AS number`,
      ),
    );
  });
}

/**
 * Looks at the queue until all are in it. The rate is of the time between the first look that found any and the one that found all, so
 * how long it took to connect again is not part of it.
 */
async function watchDrain({ vhost }: Ground, messages: number, memory: () => number) {
  const quarters = [0.25, 0.5, 0.75, 1].map((share) => share * messages);
  const memoryMbByQuarter = [memory()];
  let mostMemoryMb = memory();
  let first: { at: number; arrived: number } | undefined;
  let last = { at: Date.now(), arrived: 0 };
  while (last.arrived < messages) {
    await sleep(lookMs);
    const arrived = (await vhost.depth(queue)).messages;
    const now = { at: Date.now(), arrived };
    if (arrived > last.arrived) last = now;
    else if (now.at - last.at > stalledMs) throw new Error(`${arrived} of ${messages} messages have come, and none for a minute`);
    if (arrived > 0) first ??= now;
    mostMemoryMb = Math.max(mostMemoryMb, memory());
    while (quarters.length > 0 && arrived >= quarters[0]!) {
      quarters.shift();
      memoryMbByQuarter.push(memory());
    }
  }
  const seconds = (last.at - first!.at) / 1000;
  return { seconds, perSecond: (messages - first!.arrived) / seconds, memoryMb: memoryMbByQuarter, mostMemoryMb };
}

/** Each once: none is left, none was parked, and none came twice. */
async function requireAllArrived({ databaseUrls, vhost }: Ground, messages: number): Promise<void> {
  await inDatabase(databaseUrls.order, async (client) => {
    await eventually(() => requireEmptyOutbox(client));
    const { rows } = await client.query<{ parked: number }>('SELECT count(*)::int AS parked FROM outbox_parked');
    const arrived = (await vhost.depth(queue)).messages;
    if (rows[0]!.parked > 0 || arrived !== messages) {
      throw new Error(`of ${messages} messages, ${arrived} have come and ${rows[0]!.parked} were parked`);
    }
  });
}
