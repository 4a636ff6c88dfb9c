import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A span as it was sent. */
export interface CollectedSpan {
  readonly service: string;
  readonly name: string;
  /** As OTLP counts them: 2 server, 3 client, 4 producer, 5 consumer. */
  readonly kind: number;
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId: string | undefined;
  readonly links: readonly { readonly traceId: string; readonly spanId: string }[];
  readonly attributes: Readonly<Record<string, unknown>>;
  readonly failed: boolean;
}

interface KeyValue {
  readonly key: string;
  readonly value: Readonly<Record<string, unknown>>;
}

interface WireSpan extends Omit<CollectedSpan, 'service' | 'attributes' | 'links' | 'failed'> {
  readonly attributes?: readonly KeyValue[];
  readonly links?: CollectedSpan['links'];
  readonly status?: { readonly code?: number };
}

interface ExportRequest {
  readonly resourceSpans: readonly {
    readonly resource: { readonly attributes: readonly KeyValue[] };
    readonly scopeSpans: readonly { readonly spans: readonly WireSpan[] }[];
  }[];
}

/** Takes spans by OTLP over HTTP, in JSON, as a collector does, and keeps them. */
export class SpanCollector {
  readonly spans: CollectedSpan[] = [];

  private constructor(private readonly server: Server) {}

  /** Listens on a free port. */
  static async start(): Promise<SpanCollector> {
    const server = createServer();
    const collector = new SpanCollector(server);
    server.on('request', (request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        if (request.url === '/v1/traces') collector.keep(JSON.parse(Buffer.concat(chunks).toString('utf8')) as ExportRequest);
        response.writeHead(request.url === '/v1/traces' ? 200 : 404, { 'content-type': 'application/json' }).end('{}');
      });
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return collector;
  }

  /** What OTEL_EXPORTER_OTLP_ENDPOINT is to be. */
  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  /** What belongs to a trace: what is part of it, and what only links to that. */
  connectedTo(traceId: string): CollectedSpan[] {
    return this.spans.filter((span) => span.traceId === traceId || span.links.some((link) => link.traceId === traceId));
  }

  /**
   * Who caused whom among these spans, one line each: `parent → child`, and `earlier ⇢ later` for a link. Sorted, each once.
   * A parent or link that is not among all spans reads `?`.
   */
  edgesOf(spans: readonly CollectedSpan[]): string[] {
    const named = new Map(this.spans.map(({ spanId, name }) => [spanId, name]));
    const lines = spans.flatMap(({ name, parentSpanId, links }) => [
      ...(parentSpanId ? [`${named.get(parentSpanId) ?? '?'} → ${name}`] : []),
      ...links.map(({ spanId }) => `${named.get(spanId) ?? '?'} ⇢ ${name}`),
    ]);
    return [...new Set(lines)].toSorted();
  }

  async close(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise<void>((closed) => this.server.close(() => closed()));
  }

  private keep({ resourceSpans }: ExportRequest): void {
    for (const { resource, scopeSpans } of resourceSpans) {
      const service = String(plain(resource.attributes)['service.name']);
      for (const { attributes = [], links = [], status, ...span } of scopeSpans.flatMap(({ spans }) => spans)) {
        this.spans.push({ ...span, service, links, attributes: plain(attributes), failed: status?.code === 2 });
      }
    }
  }
}

function plain(attributes: readonly KeyValue[]): Record<string, unknown> {
  return Object.fromEntries(attributes.map(({ key, value }) => [key, Object.values(value)[0]]));
}
