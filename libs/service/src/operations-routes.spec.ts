import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { Gauge, register } from 'prom-client';
import { afterAll, beforeAll, expect, describe, it } from 'vitest';
import { type Condition, Health } from './health.js';
import { Scrapes } from './scrapes.js';
import { ServiceModule } from './service.module.js';

let app: NestFastifyApplication;
let broker: Condition = { status: 'up' };

beforeAll(async () => {
  const module = ServiceModule.forRoot({ name: 'order', instance: 'order-1' });
  app = await NestFactory.create<NestFastifyApplication>(module, new FastifyAdapter(), { logger: false });
  await app.init();
  app.get(Health).register('broker', async () => broker);
});
afterAll(() => app.close());

const get = (url: string) => app.inject({ url });

describe('a service', () => {
  it('is live as long as it answers, and says who it is', async () => {
    const response = await get('/health/live');
    expect(response.statusCode).toBe(200);
    expect(response.json()).toEqual({ status: 'up', name: 'order', instance: 'order-1' });
  });

  it.each<[Condition['status'], number]>([
    ['up', 200],
    ['degraded', 200],
    ['down', 503],
  ])('that is %s answers /health/ready with %d', async (status, code) => {
    broker = { status };
    const response = await get('/health/ready?at=now');
    expect(response.statusCode).toBe(code);
    expect(response.json()).toEqual({ status, checks: { broker: { status } } });
  });

  it('shows its metrics', async () => {
    const { headers, body } = await get('/metrics');
    expect(headers['content-type']).toMatch(/^text\/plain; version=/);
    expect(body).toMatch(/^process_cpu_seconds_total /m);
    expect(body).toMatch(/^nodejs_eventloop_lag_p99_seconds /m);
  });

  it('looks up what it shows when it is asked, and calls what it cannot find out no number', async () => {
    const scrapes = app.get(Scrapes);
    const known = new Gauge({ name: 'spec_known', help: 'of this spec', registers: [register] });
    const unknown = new Gauge({ name: 'spec_unknown', help: 'of this spec', registers: [register] });
    scrapes.register({ known }, async () => ({ known: 7 }));
    scrapes.register({ unknown }, () => Promise.reject(new Error('the database is away')));
    const { body } = await get('/metrics');
    register.removeSingleMetric('spec_known');
    register.removeSingleMetric('spec_unknown');
    expect(body).toMatch(/^spec_known 7$/m);
    expect(body).toMatch(/^spec_unknown Nan$/im);
  });

  it('is not ready once it stops', async () => {
    broker = { status: 'up' };
    app.get(Health).stop();
    const response = await get('/health/ready');
    expect(response.statusCode).toBe(503);
    expect(response.json()).toMatchObject({ status: 'stopping' });
  });
});
