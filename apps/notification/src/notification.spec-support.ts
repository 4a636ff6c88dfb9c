import { randomUUID } from 'node:crypto';
import type { AddressInfo } from 'node:net';
import { NestFactory } from '@nestjs/core';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { connect } from 'amqplib';
import { DataSource } from 'typeorm';
import { envelopeToHeaders, topology, type DataOf, type MessageType } from '#libs/contracts';
import { httpSurface } from '#libs/http';
import { queryServer } from '#libs/messaging';
import { parseConfig, requestTrace } from '#libs/service';
import { emptyDatabase, SmtpSink, TcpProxy, callersEnvironment, testVhost } from '#libs/testing';
import { notificationConfig } from './config.js';
import { NotificationModule } from './notification.module.js';

/** A database, a vhost and a mail server, for one replica of the service or several. */
async function surroundings() {
  const [vhost, database, smtp] = await Promise.all([testVhost('notification'), emptyDatabase('notification'), SmtpSink.start()]);
  return { vhost, database, smtp };
}

/** The notification service in this process, alone or as a second replica beside another one, with lines to its servers that can be cut. */
export async function notificationFixture(
  env: NodeJS.ProcessEnv = {},
  beside?: { readonly around: Awaited<ReturnType<typeof surroundings>> },
) {
  const around = beside?.around ?? (await surroundings());
  const { vhost, smtp } = around;
  const [brokerLine, smtpLine] = await Promise.all([TcpProxy.before(vhost.url), TcpProxy.before(smtp.url)]);
  const config = parseConfig(notificationConfig, {
    env: {
      ...callersEnvironment(),
      DATABASE_URL: around.database.url,
      RABBITMQ_URL: brokerLine.through(vhost.url),
      HTTP_PORT: '0',
      SMTP_URL: smtpLine.through(smtp.url),
      MAIL_FROM: 'orders@orderly.example',
      CURSOR_SECRET: 'a secret for specs only',
      WEBHOOK_SECRETS_KEY: 'a key for specs only',
      INSTANCE: randomUUID().slice(0, 8),
      ...env,
    },
  });
  const surface = httpSurface({ title: 'notification', description: 'in a spec', trace: requestTrace, config });
  const app = await NestFactory.create<NestFastifyApplication>(NotificationModule.with(config), surface.adapter, { logger: false });
  await surface.prepare(app);
  app.connectMicroservice({ strategy: queryServer(app) });
  await app.startAllMicroservices();
  await app.listen({ port: 0, host: '127.0.0.1' });
  const { port } = app.getHttpServer().address() as AddressInfo;
  const client = await connect(vhost.url);
  const channel = await client.createConfirmChannel();

  return {
    app,
    around,
    vhost,
    smtp,
    brokerLine,
    smtpLine,
    baseUrl: `http://127.0.0.1:${port}`,
    database: app.get(DataSource),
    /** Says something the way another service does, and comes back with its id when the broker has it. The same id again is a redelivery. */
    async say<Type extends MessageType>(type: Type, data: DataOf<Type>, id: string = randomUUID()): Promise<string> {
      const subject = (data as { orderId: string }).orderId;
      const headers = envelopeToHeaders({
        id,
        type: type.name,
        source: '/spec',
        subject,
        time: new Date().toISOString(),
        correlationId: subject,
      });
      const body = Buffer.from(JSON.stringify(data));
      channel.publish(topology.exchanges[type.kind].name, type.name, body, { persistent: true, messageId: id, type: type.name, headers });
      await channel.waitForConfirms();
      return id;
    },
    async close(): Promise<void> {
      await client.close();
      await app.close();
      await Promise.all([brokerLine.close(), smtpLine.close()]);
      if (!beside) await Promise.all([smtp.close(), vhost.drop(), around.database.drop()]);
    },
  };
}

export type NotificationFixture = Awaited<ReturnType<typeof notificationFixture>>;
