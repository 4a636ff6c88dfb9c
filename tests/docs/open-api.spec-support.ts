import 'reflect-metadata';
import type { DynamicModule } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { OpenAPIObject } from '@nestjs/swagger';
import { httpSurface } from '#libs/http';
import { parseConfig, requestTrace } from '#libs/service';
import { callersEnvironment } from '#libs/testing';
import { consoleConfig } from '../../apps/console/src/config.js';
import { ConsoleModule } from '../../apps/console/src/console.module.js';
import { notificationConfig } from '../../apps/notification/src/config.js';
import { NotificationModule } from '../../apps/notification/src/notification.module.js';
import { orderConfig } from '../../apps/order/src/config.js';
import { OrderModule } from '../../apps/order/src/order.module.js';
import { paymentConfig } from '../../apps/payment/src/config.js';
import { PaymentModule } from '../../apps/payment/src/payment.module.js';

/** The services that have an OpenAPI document. */
export const documented = ['order', 'payment', 'notification', 'console'] as const;
export type DocumentedService = (typeof documented)[number];

type HttpConfig = Parameters<typeof httpSurface>[0]['config'];

/** All that a service has to be told, though none of it is there. */
const environment = {
  ...callersEnvironment(),
  DATABASE_URL: 'postgres://127.0.0.1:1/nowhere',
  RABBITMQ_URL: 'amqp://127.0.0.1:1',
  HTTP_PORT: '0',
  CURSOR_SECRET: 'a secret for specs only',
  SMTP_URL: 'smtp://127.0.0.1:1',
  MAIL_FROM: 'shop@orderly.example',
  WEBHOOK_SECRETS_KEY: 'a key of nobody for specs',
  PSP_BASE_URL: 'http://127.0.0.1:1',
  PSP_API_KEY: 'sk_test_of_nobody',
  PSP_WEBHOOK_SECRET: 'whsec_of_nobody',
};

const applications: Record<DocumentedService, () => { config: HttpConfig; module: DynamicModule }> = {
  order: () => withConfig(parseConfig(orderConfig, { env: environment }), (config) => OrderModule.with(config)),
  payment: () => withConfig(parseConfig(paymentConfig, { env: environment }), (config) => PaymentModule.with(config)),
  notification: () => withConfig(parseConfig(notificationConfig, { env: environment }), (config) => NotificationModule.with(config)),
  console: () => withConfig(parseConfig(consoleConfig, { env: environment }), (config) => ConsoleModule.with(config)),
};

const withConfig = <Config extends HttpConfig>(config: Config, moduleOf: (config: Config) => DynamicModule) => ({
  config,
  module: moduleOf(config),
});

/** The document of a service as its code makes it now, without starting it. */
export async function openApiOf(service: DocumentedService): Promise<OpenAPIObject> {
  const { config, module } = applications[service]();
  const http = httpSurface({ title: service, description: 'in a spec', trace: requestTrace, config });
  const app = await NestFactory.create<NestFastifyApplication>(module, http.adapter, { preview: true, logger: false, abortOnError: false });
  await http.prepare(app);
  const answer = await app.inject({ url: '/docs-json' });
  await app.close();
  return answer.json<OpenAPIObject>();
}
