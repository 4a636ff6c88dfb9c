import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { eventually, SpanCollector } from '#libs/testing';
import { changeTraceSampling, startTracing } from './start-tracing.js';
import { currentTrace, runAs } from './trace-context.js';
import { inSpan, isTracing, startSpan } from './tracing.js';

const followed = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
const unfollowed = followed.replace(/01$/, '00');

let collector: SpanCollector;
let end = async (): Promise<void> => {};

beforeEach(async () => {
  collector = await SpanCollector.start();
});
afterEach(async () => {
  await end();
  await collector.close();
});

async function trace(config: { OTEL_TRACES_SAMPLER_ARG?: number; OTEL_EXPORTER_OTLP_ENDPOINT?: string } = {}): Promise<void> {
  end = await startTracing({
    service: 'spec',
    instance: 'spec-1',
    config: { OTEL_EXPORTER_OTLP_ENDPOINT: collector.url, OTEL_TRACES_SAMPLER_ARG: 1, OTEL_BSP_SCHEDULE_DELAY: 10, ...config },
  });
}

const collected = async () => {
  await end();
  return collector.spans.map(({ name }) => name);
};

describe('tracing', () => {
  it('is off when nobody is to collect: no span, and the trace goes on as it came', async () => {
    end = await startTracing({ service: 'spec', instance: 'spec-1', config: { OTEL_TRACES_SAMPLER_ARG: 1, OTEL_BSP_SCHEDULE_DELAY: 10 } });
    expect(isTracing()).toBe(false);
    expect(startSpan({ name: 'a', kind: 'internal' })).toBeUndefined();
    await runAs({ traceparent: followed }, () =>
      inSpan({ name: 'a', kind: 'internal' }, async () => expect(currentTrace()?.traceparent).toBe(followed)),
    );
  });

  it('sends a span with what it belongs to, when the service stops at the latest', async () => {
    await trace();
    await runAs({ traceparent: followed }, () =>
      inSpan({ name: 'outer', kind: 'consumer', attributes: { answer: 42 } }, () =>
        inSpan({ name: 'inner', kind: 'client' }, () => Promise.reject(new TypeError('broken'))),
      ),
    ).catch(() => {});
    await end();
    const [inner, outer] = collector.spans;
    expect(outer).toMatchObject({
      service: 'spec',
      name: 'outer',
      parentSpanId: 'b7ad6b7169203331',
      attributes: { answer: 42 },
      failed: true,
    });
    expect(inner).toMatchObject({ name: 'inner', parentSpanId: outer!.spanId, failed: true, attributes: { 'error.type': 'TypeError' } });
    expect(isTracing()).toBe(false);
  });

  it('speaks to Zipkin as well', async () => {
    const bodies: string[] = [];
    const zipkin = createServer((request, response) => {
      let body = '';
      request.setEncoding('utf8').on('data', (chunk: string) => (body += chunk));
      request.on('end', () => {
        bodies.push(body);
        response.writeHead(202).end();
      });
    }).listen(0, '127.0.0.1');
    await once(zipkin, 'listening');
    const { port } = zipkin.address() as AddressInfo;
    end = await startTracing({
      service: 'spec',
      instance: 'spec-1',
      config: {
        OTEL_EXPORTER_ZIPKIN_ENDPOINT: `http://127.0.0.1:${port}/api/v2/spans`,
        OTEL_TRACES_SAMPLER_ARG: 1,
        OTEL_BSP_SCHEDULE_DELAY: 10,
      },
    });
    startSpan({ name: 'order.settle-order process', kind: 'consumer', parent: followed })!.end();
    await end();
    zipkin.closeAllConnections();
    zipkin.close();
    expect(bodies.flatMap((body) => JSON.parse(body) as unknown[])).toMatchObject([
      {
        name: 'order.settle-order process',
        kind: 'CONSUMER',
        traceId: '0af7651916cd43dd8448eb211c80319c',
        parentId: 'b7ad6b7169203331',
        localEndpoint: { serviceName: 'spec' },
      },
    ]);
  });

  it('records a share of what begins here, and whatever is followed already, be it through a batch or a delay', async () => {
    await trace({ OTEL_TRACES_SAMPLER_ARG: 0 });
    startSpan({ name: 'new', kind: 'server' })!.end();
    startSpan({ name: 'part of a trace', kind: 'server', parent: followed })!.end();
    startSpan({ name: 'part of one that is not followed', kind: 'server', parent: unfollowed })!.end();
    startSpan({ name: 'batch', kind: 'consumer', links: [unfollowed, followed] })!.end();
    startSpan({ name: 'batch of nothing that is followed', kind: 'consumer', links: [unfollowed, undefined, 'nonsense'] })!.end();
    expect((await collected()).toSorted()).toEqual(['batch', 'part of a trace']);
  });

  it('records another share from the moment that this is said', async () => {
    await trace({ OTEL_TRACES_SAMPLER_ARG: 0 });
    startSpan({ name: 'before', kind: 'server' })!.end();
    changeTraceSampling(1);
    startSpan({ name: 'meanwhile', kind: 'server' })!.end();
    changeTraceSampling(0);
    startSpan({ name: 'after', kind: 'server' })!.end();
    expect(await collected()).toEqual(['meanwhile']);
  });

  it('tells those who go on that a trace is not followed', async () => {
    await trace({ OTEL_TRACES_SAMPLER_ARG: 0 });
    expect(startSpan({ name: 'new', kind: 'server' })!.traceparent).toMatch(/-00$/);
  });

  it('waits for nobody when whoever collects is away', async () => {
    await trace({ OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:1' });
    startSpan({ name: 'lost', kind: 'server' })!.end();
    const stopping = Date.now();
    await end();
    expect(Date.now() - stopping).toBeLessThan(5_000);
    await eventually(() => expect(isTracing()).toBe(false));
  });
});
