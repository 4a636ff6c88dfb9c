import { Injectable, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { type DataOf, NoticeIssued } from '#libs/contracts';
import type { Caller, EventStream } from '#libs/http';
import { LiveFeed } from '#libs/messaging';
import { toldSeconds } from '../../metrics.js';

/** Events that are remembered so that one which the broker delivers again is not shown again. */
const remembered = 1_000;

/** Tells customers who are listening right now, at most once. Each replica hears every notice and passes it to its own clients. */
@Injectable()
export class LiveChannel implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly customers = new Map<string, Set<EventStream>>();
  private readonly operators = new Set<EventStream>();
  private readonly told = new Set<string>();
  private comments: NodeJS.Timeout;
  private closing = false;

  constructor(
    private readonly feed: LiveFeed,
    private readonly commentIntervalMs: number,
  ) {}

  onApplicationBootstrap(): void {
    this.feed.subscribe(NoticeIssued, (notice) => this.tell(notice.data));
    // Keeps proxies from closing a quiet stream, and finds clients that have gone without a word.
    this.comments = setInterval(() => this.write(this.everybody(), ': \n\n'), this.commentIntervalMs).unref();
  }

  /** Lets a caller listen. The answer ends the listening. */
  listen(caller: Caller, stream: EventStream): () => void {
    const streams = caller.kind === 'operator' ? this.operators : (this.customers.get(caller.id) ?? new Set());
    if (caller.kind === 'customer') this.customers.set(caller.id, streams);
    streams.add(stream);
    if (this.closing) stream.close();
    return () => {
      if (!streams.delete(stream)) return;
      if (caller.kind === 'customer' && streams.size === 0 && this.customers.get(caller.id) === streams) this.customers.delete(caller.id);
    };
  }

  tell({ eventId, orderId, customer, kind, at, subject }: DataOf<typeof NoticeIssued>): void {
    if (this.told.has(eventId)) return;
    this.told.add(eventId);
    for (const oldest of this.told) {
      if (this.told.size <= remembered) break;
      this.told.delete(oldest);
    }
    const listeners = [...(this.customers.get(customer.id) ?? []), ...this.operators];
    if (listeners.length === 0) return;
    this.write(listeners, `event: ${kind}\nid: ${eventId}\ndata: ${JSON.stringify({ orderId, kind, at, subject })}\n\n`);
    toldSeconds.observe({ channel: 'live' }, (Date.now() - Date.parse(at)) / 1000);
  }

  /** Before the HTTP server closes: it would wait for the streams. */
  onModuleDestroy(): void {
    this.closing = true;
    clearInterval(this.comments);
    for (const stream of this.everybody()) stream.close();
  }

  private everybody(): EventStream[] {
    return [...this.operators, ...[...this.customers.values()].flatMap((streams) => [...streams])];
  }

  private write(streams: readonly EventStream[], block: string): void {
    for (const stream of streams) stream.write(block);
  }
}
