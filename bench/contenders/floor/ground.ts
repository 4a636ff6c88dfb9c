import 'reflect-metadata';
import { connect } from 'amqplib';
import { DataSource } from 'typeorm';
import { topology } from '#libs/contracts';
import { declarationsOf } from '#libs/messaging';
import { migrations as notificationMigrations } from '../../../apps/notification/src/notification.module.js';
import { migrations as orderMigrations } from '../../../apps/order/src/order.module.js';
import { migrations as paymentMigrations } from '../../../apps/payment/src/payment.module.js';
import type { ContenderServers } from '../contender.js';

/**
 * Gives the floor the schema and the topology of the real services. It is done before they start, so that none of them carries the weight
 * of the libraries that it takes.
 */
export async function prepareGround({ databaseUrls, rabbitmqUrl }: ContenderServers): Promise<void> {
  await Promise.all([
    migrate(databaseUrls.order, orderMigrations),
    migrate(databaseUrls.payment, paymentMigrations),
    migrate(databaseUrls.notification, notificationMigrations),
    declare(rabbitmqUrl),
  ]);
}

async function migrate(url: string, migrations: readonly Function[]): Promise<void> {
  const dataSource = await new DataSource({ type: 'postgres', url, migrations: [...migrations] }).initialize();
  try {
    await dataSource.runMigrations();
  } finally {
    await dataSource.destroy();
  }
}

async function declare(url: string): Promise<void> {
  const { exchanges, queues, bindings } = declarationsOf(topology);
  const connection = await connect(url);
  const channel = await connection.createChannel();
  for (const { name, type } of exchanges) await channel.assertExchange(name, type, { durable: true });
  for (const queue of queues) await channel.assertQueue(queue.name, { durable: true, arguments: queue.arguments });
  for (const { from, to, pattern, exchange } of bindings)
    await (exchange ? channel.bindExchange(to, from, pattern) : channel.bindQueue(to, from, pattern));
  await connection.close();
}
