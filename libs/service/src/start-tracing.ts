import { Logger } from '@nestjs/common';
import type { SamplingResult, SpanExporter, SpanProcessor } from '@opentelemetry/sdk-trace';
import type { ServiceConfig } from './config.js';
import { spansLost } from './metrics.js';
import { recordSpansWith } from './tracing.js';

export type TracingConfig = Pick<
  ServiceConfig,
  'OTEL_EXPORTER_OTLP_ENDPOINT' | 'OTEL_EXPORTER_ZIPKIN_ENDPOINT' | 'OTEL_TRACES_SAMPLER_ARG' | 'OTEL_BSP_SCHEDULE_DELAY'
>;

interface TracingSettings {
  readonly service: string;
  readonly instance: string;
  readonly config: TracingConfig;
}

/** Spans that wait to be sent, a few MB of them; what is more than that is dropped. */
const mostWaiting = 8_192;

/** How long the last spans have to get away when a service stops. */
const flushDeadlineMs = 2_000;

/**
 * Records spans and sends them where the configuration says, OTLP or Zipkin or both. When it says nowhere, nothing is loaded and nothing
 * recorded. Whoever collects them may be away: then they are counted as lost, and nobody waits. So many at once that
 * they cannot be sent in time are dropped without a word: the sampler is there for that.
 * @returns what sends the last of them and ends it
 */
export async function startTracing({ service, instance, config }: TracingSettings): Promise<() => Promise<void>> {
  const exporters = await exportersOf(config);
  if (exporters.length === 0) return async () => {};
  const [{ BatchSpanProcessor, TracerProvider }, { resourceFromAttributes }] = await Promise.all([
    import('@opentelemetry/sdk-trace'),
    import('@opentelemetry/resources'),
  ]);
  const scheduledDelayMillis = config.OTEL_BSP_SCHEDULE_DELAY;
  const provider = new TracerProvider({
    resource: resourceFromAttributes({ 'service.name': service, 'service.namespace': 'orderly', 'service.instance.id': instance }),
    sampler: await samplerOf(config.OTEL_TRACES_SAMPLER_ARG),
    spanProcessors: exporters.map(
      (exporter): SpanProcessor => new BatchSpanProcessor({ exporter: watched(exporter), scheduledDelayMillis, maxQueueSize: mostWaiting }),
    ),
  });
  recordSpansWith(provider.getTracer('orderly'));
  return async () => {
    recordSpansWith(undefined);
    const late = new Promise((resolve) => setTimeout(resolve, flushDeadlineMs).unref());
    await Promise.race([provider.shutdown().catch(() => {}), late]);
  };
}

async function exportersOf({
  OTEL_EXPORTER_OTLP_ENDPOINT: otlp,
  OTEL_EXPORTER_ZIPKIN_ENDPOINT: zipkin,
}: TracingConfig): Promise<SpanExporter[]> {
  const exporters: SpanExporter[] = [];
  if (otlp !== undefined) {
    const { OTLPTraceExporter } = await import('@opentelemetry/exporter-trace-otlp-http');
    exporters.push(new OTLPTraceExporter({ url: `${otlp.replace(/\/$/, '')}/v1/traces` }));
  }
  if (zipkin !== undefined) {
    const { ZipkinExporter } = await import('@opentelemetry/exporter-zipkin');
    exporters.push(new ZipkinExporter({ url: zipkin }));
  }
  return exporters;
}

let changeShare = (_share: number): void => {};

/** From now on, the share of new traces that is recorded, from 0 to 1; without anywhere to send them that is none. */
export function changeTraceSampling(share: number): void {
  changeShare(share);
}

/**
 * What has a parent is recorded if that is; what has only links, if any of those is, so that an order which is followed is followed through
 * batches and past delays; and a share of what begins something new.
 */
async function samplerOf(share: number) {
  const { ParentBasedSampler, SamplingDecision, TraceIdRatioBasedSampler } = await import('@opentelemetry/sdk-trace');
  let ratio = new TraceIdRatioBasedSampler(share);
  changeShare = (changed) => (ratio = new TraceIdRatioBasedSampler(changed));
  const root = {
    shouldSample(...[, traceId, , , , links]: Parameters<InstanceType<typeof ParentBasedSampler>['shouldSample']>): SamplingResult {
      if (links.length === 0) return ratio.shouldSample(undefined, traceId);
      const isFollowed = links.some(({ context }) => (context.traceFlags & 1) === 1);
      return { decision: isFollowed ? SamplingDecision.RECORD_AND_SAMPLED : SamplingDecision.NOT_RECORD };
    },
    toString: () => `LinkedOrRatio(${ratio.toString()})`,
  };
  return new ParentBasedSampler({ root });
}

/** Counts what did not arrive, and says so once until something does. */
function watched(exporter: SpanExporter): SpanExporter {
  const logger = new Logger('tracing');
  let isLosing = false;
  return {
    export(spans, done) {
      exporter.export(spans, (result) => {
        const { code }: { readonly code: number } = result;
        const failed = code !== 0;
        if (failed) spansLost.inc(spans.length);
        if (failed && !isLosing) logger.warn(`spans are lost: ${result.error?.message ?? 'whoever collects them does not take them'}`);
        isLosing = failed;
        done(result);
      });
    },
    shutdown: () => exporter.shutdown(),
    ...(exporter.forceFlush && { forceFlush: () => exporter.forceFlush!() }),
  };
}
