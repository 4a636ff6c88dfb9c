import type { DynamicModule, Type } from '@nestjs/common';
import { StandardSchemaValidationPipe } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { ClientsModule, Transport, type RmqOptions } from '@nestjs/microservices';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { TypeOrmModule } from '@nestjs/typeorm';

type ServiceName = 'order' | 'payment' | 'notification';

const { DATABASE_URL, RABBITMQ_URL = '', HTTP_PORT, HTTP_HOST } = process.env;

/** The repositories of these entities, over a pool of ten connections as pg has it by default; their tables are made at start. */
export function databaseModules(...entities: Type[]): DynamicModule[] {
  return [
    TypeOrmModule.forRoot({
      type: 'postgres',
      url: DATABASE_URL,
      entities,
      synchronize: true,
      // Postgres makes uuids by itself, without an extension.
      uuidExtension: 'pgcrypto',
      installExtensions: false,
    }),
    TypeOrmModule.forFeature(entities),
  ];
}

/** A `ClientProxy` for the queue of each of these services, injected by `client(name)`. */
export function clientsModule(...services: ServiceName[]): DynamicModule {
  return ClientsModule.register(
    services.map((service) => ({ name: client(service), transport: Transport.RMQ as const, options: queueOf(service) })),
  );
}

export const client = (service: ServiceName) => `${service} client`;

/** Starts a service with an HTTP port and a consumer of its own queue. */
export async function startService(name: ServiceName, module: Type): Promise<void> {
  const app = await NestFactory.create<NestFastifyApplication>(module, new FastifyAdapter(), { logger: ['warn', 'error', 'fatal'] });
  app.useGlobalPipes(new StandardSchemaValidationPipe());
  app.enableShutdownHooks(['SIGTERM', 'SIGINT'], { useProcessExit: true });
  app.connectMicroservice<RmqOptions>({
    transport: Transport.RMQ,
    options: { ...queueOf(name), noAck: false, prefetchCount: 50 },
  });
  await app.startAllMicroservices();
  await app.listen({ port: Number(HTTP_PORT), host: HTTP_HOST });
}

function queueOf(service: ServiceName): NonNullable<RmqOptions['options']> {
  return {
    urls: [RABBITMQ_URL],
    queue: `${service}_queue`,
    queueOptions: { durable: true },
    persistent: true,
    // Kinder than the default, which few people change: a small message would wait until the one before it is acknowledged by TCP.
    socketOptions: { connectionOptions: { noDelay: true } },
  };
}
