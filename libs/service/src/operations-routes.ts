import { Inject, Injectable, type OnModuleInit } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import { collectDefaultMetrics, register } from 'prom-client';
import { Health } from './health.js';
import { Scrapes } from './scrapes.js';

export interface ServiceIdentity {
  readonly name: string;
  /** Which replica. */
  readonly instance: string;
}

/** Injects the {@link ServiceIdentity}. */
export const SERVICE_IDENTITY = Symbol('ServiceIdentity');

interface Reply {
  code(status: number): Reply;
  header(name: string, value: string): Reply;
  send(body: unknown): void;
}

/**
 * `/health/live`, `/health/ready` and `/metrics`. They stand beside Nest's routes, as the documentation page does: they are no part of the
 * API, so its rules (who is calling, which query parameters there are) and its documentation leave them alone.
 */
@Injectable()
export class OperationsRoutes implements OnModuleInit {
  constructor(
    private readonly host: HttpAdapterHost,
    private readonly health: Health,
    private readonly scrapes: Scrapes,
    @Inject(SERVICE_IDENTITY) private readonly identity: ServiceIdentity,
  ) {}

  onModuleInit(): void {
    const { httpAdapter } = this.host;
    // An application context without HTTP.
    if (!httpAdapter) return;
    if (!register.getSingleMetric('process_cpu_seconds_total')) collectDefaultMetrics();
    httpAdapter.get('/health/live', async (_request: unknown, reply: Reply) => reply.send({ status: 'up', ...this.identity }));
    httpAdapter.get('/health/ready', async (_request: unknown, reply: Reply) => {
      const report = await this.health.report();
      reply
        .code(report.status === 'up' || report.status === 'degraded' ? 200 : 503)
        .header('cache-control', 'no-store')
        .send(report);
    });
    httpAdapter.get('/metrics', async (_request: unknown, reply: Reply) => {
      await this.scrapes.lookUp();
      reply.header('content-type', register.contentType).send(await register.metrics());
    });
  }
}
