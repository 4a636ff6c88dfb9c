import type { ServerResponse } from 'node:http';

/** What may wait in our memory for one client. Past it the client is taken to have stopped reading. */
const mostWaitingBytes = 64 * 1024;

/** One client's stream of server-sent events. */
export class EventStream {
  constructor(private readonly response: ServerResponse) {
    // A connection that breaks ends in `close`; without a listener its error would end the process.
    response.on('error', () => {});
  }

  /** Answers the request and tells proxies to pass on each event as it comes. */
  open(headers: Record<string, number | string | string[] | undefined>): void {
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

  /** Writes a block of the stream and never waits: a client that does not read loses its connection. False when that happened now. */
  write(block: string): boolean {
    if (this.response.destroyed || this.response.writableEnded) return true;
    if (this.response.writableLength > mostWaitingBytes) {
      this.response.destroy();
      return false;
    }
    this.response.write(block);
    return true;
  }

  /** Says goodbye to a client that reads, and cuts off one that would keep us waiting. */
  close(): void {
    if (this.response.writableLength > 0) this.response.destroy();
    else this.response.end();
  }
}
