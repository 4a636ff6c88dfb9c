import type { ServerResponse } from 'node:http';
import { droppedLiveStreams, liveStreams } from './metrics.js';

/** What may wait in our memory for one client. Past it the client is taken to have stopped reading. */
const mostWaitingBytes = 64 * 1024;

/** What we use of Fastify's reply. */
export interface StreamReply {
  readonly raw: ServerResponse;
  getHeaders(): Record<string, number | string | string[] | undefined>;
  hijack(): void;
}

/** One client's stream of server-sent events. */
export class EventStream {
  constructor(private readonly response: ServerResponse) {
    // A connection that breaks ends in `close`; without a listener its error would end the process.
    response.on('error', () => {});
  }

  /** Takes the answer over: the framework would wait for its end, and keep it in memory. */
  static over(reply: StreamReply): EventStream {
    reply.hijack();
    const stream = new EventStream(reply.raw);
    stream.open(reply.getHeaders());
    return stream;
  }

  /** Answers the request and tells proxies to pass on each event as it comes. */
  open(headers: Record<string, number | string | string[] | undefined>): void {
    liveStreams.inc();
    this.onClose(() => liveStreams.dec());
    this.response.writeHead(200, {
      ...Object.fromEntries(Object.entries(headers).filter(([, value]) => value !== undefined)),
      'content-type': 'text/event-stream',
      'cache-control': 'no-store',
      'x-accel-buffering': 'no',
      // Kept for a next request, the connection would hold up our stopping for as long as keep-alive lasts.
      connection: 'close',
    });
    this.response.flushHeaders();
  }

  /** Whoever ends it: the client, its connection, or we. Once, also when it has ended already. */
  onClose(closed: () => void): void {
    if (this.response.closed) closed();
    else this.response.once('close', closed);
  }

  /** Writes a block of the stream and never waits: a client that does not read loses its connection. */
  write(block: string): void {
    if (this.response.destroyed || this.response.writableEnded) return;
    if (this.response.writableLength > mostWaitingBytes) {
      droppedLiveStreams.inc();
      this.response.destroy();
      return;
    }
    this.response.write(block);
  }

  /** Nothing more will be written; what was written still arrives. */
  end(): void {
    this.response.end();
  }

  /** Says goodbye to a client that reads, and cuts off one that would keep us waiting. */
  close(): void {
    if (this.response.writableLength > 0) this.response.destroy();
    else this.response.end();
  }
}
