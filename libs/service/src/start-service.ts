import type { AddressInfo } from 'node:net';
import { Logger, type DynamicModule, type Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { CustomTransportStrategy } from '@nestjs/microservices';
import type { FastifyAdapter, NestFastifyApplication } from '@nestjs/platform-fastify';
import type { ServiceConfig } from './config.js';
import { Health } from './health.js';
import { ServiceLogger } from './logger.js';
import { connectFailures } from './metrics.js';
import { StartFailure } from './start-failure.js';
import { startTracing, type TracingConfig } from './start-tracing.js';

export interface Service {
  readonly name: string;
  readonly config: Pick<ServiceConfig, 'HTTP_PORT' | 'HTTP_HOST' | 'LOG_LEVEL' | 'LOG_FORMAT' | 'INSTANCE' | 'SHUTDOWN_DEADLINE_SECONDS'> &
    TracingConfig;
  readonly module: Type | DynamicModule;
  /** From libs/http: how its endpoints answer. */
  readonly http: { readonly adapter: FastifyAdapter; prepare(app: NestFastifyApplication): Promise<void> };
  /** From libs/messaging, for a service that answers queries: what brings them to its `@MessagePattern` methods. */
  readonly queries?: (app: NestFastifyApplication) => CustomTransportStrategy;
}

/** Starts a service, and stops it in good order on SIGTERM and SIGINT. Exits with the code that says why when it cannot go on. */
export async function startService({ name, config, module, http, queries }: Service): Promise<void> {
  const logger = new ServiceLogger({ service: name, instance: config.INSTANCE, level: config.LOG_LEVEL, format: config.LOG_FORMAT });
  Logger.overrideLogger(logger);
  const fail = (what: string) => (error: unknown) => {
    logger.fatal(`${what}: ${error instanceof Error ? error.message : String(error)}`, error);
    process.exit(70);
  };
  process.on('uncaughtException', fail('an error nobody caught'));
  process.on('unhandledRejection', fail('a rejection nobody handled'));

  try {
    // Before anything that could be traced.
    const endTracing = await startTracing({ service: name, instance: config.INSTANCE, config });
    const app = await NestFactory.create<NestFastifyApplication>(module, http.adapter, { logger, abortOnError: false });
    stopOnSignal(app, logger, config.SHUTDOWN_DEADLINE_SECONDS * 1000, endTracing);
    await http.prepare(app);
    if (queries) {
      app.connectMicroservice({ strategy: queries(app) });
      await app.startAllMicroservices();
    }
    await listen(app, config);
    logger.log(`${name} service listens on ${addressOf(app, config.HTTP_HOST)}`, 'Service');
  } catch (error) {
    const { exitCode } = (error ?? {}) as { exitCode?: unknown };
    logger.fatal(
      `${name} service cannot start: ${error instanceof Error ? error.message : String(error)}${await failuresCounted()}`,
      typeof exitCode === 'number' ? undefined : error,
    );
    process.exit(typeof exitCode === 'number' ? exitCode : 70);
  }
}

/** Nobody has read the metrics of a service that has never listened, so its last line tells the one that alerts. */
async function failuresCounted(): Promise<string> {
  const { name, values } = await connectFailures.get();
  return values.map(({ labels, value }) => `; ${name}{peer="${labels.peer}"} ${value}`).join('');
}

async function listen(app: NestFastifyApplication, { HTTP_PORT: port, HTTP_HOST: host }: Service['config']): Promise<void> {
  try {
    await app.listen({ port, host });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error;
    throw new StartFailure(`port ${port} (HTTP_PORT) is taken by another process`, 69, { cause: error });
  }
}

function stopOnSignal(app: NestFastifyApplication, logger: ServiceLogger, deadlineMs: number, endTracing: () => Promise<void>): void {
  let stopping = false;
  const stop = async (signal: string) => {
    // Ctrl-C in a terminal reaches the whole process group, and a supervisor may say it again.
    if (stopping) return;
    stopping = true;
    logger.log(`${signal}: stopping`, 'Service');
    app.get(Health).stop();
    setTimeout(() => {
      logger.error(`not stopped within ${deadlineMs} ms: leaving the rest behind`, 'Service');
      process.exit(1);
    }, deadlineMs).unref();
    await app.close();
    await endTracing();
    logger.log('stopped', 'Service');
    process.exit(0);
  };
  process.on('SIGTERM', (signal) => void stop(signal));
  process.on('SIGINT', (signal) => void stop(signal));
}

function addressOf(app: NestFastifyApplication, host: string): string {
  const { port } = app.getHttpServer().address() as AddressInfo;
  return `http://${host === '0.0.0.0' || host === '::' ? 'localhost' : host}:${port}`;
}
