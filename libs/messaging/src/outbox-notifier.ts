import type { Logger } from '@nestjs/common';
import { Client, type ClientConfig } from 'pg';
import type { DataSource } from 'typeorm';
import { backoffMs } from './backoff.js';

const channel = 'outbox';

/**
 * Wakes the relays of other replicas when this one cannot send: its rows would otherwise wait for their next poll. It is debounced and
 * runs outside business transactions, because a commit with a pending NOTIFY takes a lock that all such commits share.
 *
 * @see https://www.postgresql.org/docs/current/sql-notify.html
 */
export class OutboxNotifier {
  private client: Client | undefined;
  private stopped = false;
  private failures = 0;
  private pending: NodeJS.Timeout | undefined;

  constructor(
    private readonly dataSource: DataSource,
    private readonly onNotice: () => void,
    private readonly logger: Logger,
  ) {}

  /** Listens on a connection of its own: LISTEN belongs to a session. */
  async start(): Promise<void> {
    if (this.stopped) return;
    const { url, ssl } = this.dataSource.options as { url?: string; ssl?: ClientConfig['ssl'] };
    const client = new Client({ connectionString: url, ssl, keepAlive: true, application_name: 'orderly outbox listener' });
    client.on('error', () => this.lost(client));
    client.on('end', () => this.lost(client));
    client.on('notification', this.onNotice);
    try {
      await client.connect();
      await client.query(`LISTEN ${channel}`);
      this.client = client;
      this.failures = 0;
    } catch (error) {
      this.logger.debug(`cannot listen for ${channel}: ${(error as Error).message}`);
      this.client = client;
      this.lost(client);
    }
  }

  /** At most one notice in 100 ms. */
  tellOthers(): void {
    this.pending ??= setTimeout(() => {
      this.pending = undefined;
      // Nobody is harmed when it fails: the others poll.
      if (!this.stopped) this.dataSource.query(`NOTIFY ${channel}`).catch(() => {});
    }, 100).unref();
  }

  async stop(): Promise<void> {
    this.stopped = true;
    clearTimeout(this.pending);
    await this.client?.end().catch(() => {});
  }

  private lost(client: Client): void {
    if (this.client !== client) return;
    this.client = undefined;
    client.end().catch(() => {});
    if (this.stopped) return;
    this.failures += 1;
    setTimeout(() => void this.start(), backoffMs(this.failures, 250, 15_000)).unref();
  }
}
