import type { Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { AmqpConnection } from '@golevelup/nestjs-rabbitmq';
import type { Logger } from '@nestjs/common';
import { connect, type ChannelModel } from 'amqplib';
import { connectFailures, connectFault, StartFailure, tlsOptions, writeTogether, type TlsFiles } from '#libs/service';
import { connectionBlocked } from './metrics.js';
import { backoffMs } from './backoff.js';

/** The broker could not be reached at start within the attempts allowed. */
export class BrokerUnreachable extends StartFailure {
  constructor(message: string) {
    super(message, 69);
  }
}

interface ConnectionSettings {
  readonly url: string;
  /** What TLS trusts and shows, with an `amqps:` address. */
  readonly tls: TlsFiles | undefined;
  /** Shown in the broker's list of connections, for example `order:host-1:publish`. */
  readonly name: string;
  /** Attempts allowed before the first success; once it has been up, attempts are unlimited. */
  readonly connectAttempts: number;
  readonly logger: Logger;
}

/**
 * One connection to the broker that comes back by itself. A service has two, one to publish and one to consume: a broker in need stops
 * reading connections that publish, and acknowledgements must not wait behind that.
 *
 * @see https://www.rabbitmq.com/docs/alarms
 */
export class Connection {
  /** Why the broker has stopped reading this connection, while it has. */
  blocked: string | undefined;
  model: ChannelModel | undefined;

  private amqp: AmqpConnection;
  private readonly closing = new AbortController();
  private readonly connectListeners: ((model: ChannelModel) => void)[] = [];
  private failures = 0;
  private lastFault: string | undefined;
  private everConnected = false;

  private readonly tls: ReturnType<typeof tlsOptions> | undefined;

  constructor(private readonly settings: ConnectionSettings) {
    this.tls = settings.tls && tlsOptions(settings.tls);
  }

  /** Calls back with every new connection, and at once when there is one. */
  onConnect(listener: (model: ChannelModel) => void): void {
    this.connectListeners.push(listener);
    if (this.model) listener(this.model);
  }

  /** @throws BrokerUnreachable when every attempt allowed at start has failed */
  async start(): Promise<void> {
    const { name, logger } = this.settings;
    const quiet = {
      log: (text: string) => logger.debug(text),
      debug: () => {},
      verbose: () => {},
      warn: () => {},
      error: () => {},
      fatal: () => {},
    };
    this.amqp = new AmqpConnection({
      name,
      uri: this.settings.url,
      logger: quiet,
      registerHandlers: false,
      enableDirectReplyTo: false,
      connectionInitOptions: { wait: false, skipConnectionFailedLogging: true, skipDisconnectFailedLogging: true },
      connectionManagerOptions: {
        heartbeatIntervalInSeconds: 60,
        reconnectTimeInSeconds: 0.001,
        findServers: () => this.waitForTurn(),
      },
    });
    await this.amqp.init();
    const manager = this.amqp.managedConnection;
    manager.on('blocked', ({ reason }) => {
      this.blocked = reason;
      connectionBlocked.set({ connection: name }, 1);
      logger.warn(`the broker has blocked ${name}: ${reason}`);
    });
    manager.on('unblocked', () => {
      this.blocked = undefined;
      connectionBlocked.set({ connection: name }, 0);
      logger.log(`the broker has unblocked ${name}`);
    });
    manager.on('disconnect', ({ err }) => {
      this.model = undefined;
      this.blocked = undefined;
      connectionBlocked.set({ connection: name }, 0);
      // amqplib closes some connections without saying why.
      if (!this.closing.signal.aborted)
        logger.warn(`lost the broker (${name}): ${(err as Error | undefined)?.message ?? 'no reason given'}`);
    });
    await new Promise<void>((resolve, reject) => {
      manager.on('connect', ({ connection }) => {
        if (this.everConnected) logger.log(`back at the broker (${name})`);
        this.failures = 0;
        this.lastFault = undefined;
        this.everConnected = true;
        this.model = connection as unknown as ChannelModel;
        const socket = socketOf(this.model);
        if (socket) writeTogether(socket);
        for (const listener of this.connectListeners) listener(this.model);
        resolve();
      });
      manager.on('connectFailed', ({ err }) => {
        if (this.closing.signal.aborted) return;
        this.failures += 1;
        connectFailures.inc({ peer: 'rabbitmq' });
        const fault = connectFault(err);
        if (this.everConnected) {
          // Attempts are many by now, and reasons few.
          if (fault !== this.lastFault) logger.warn(`no way back to the broker yet (${name}): ${fault}`);
          this.lastFault = fault;
          return;
        }
        if (this.failures < this.settings.connectAttempts) {
          logger.warn(`no broker yet (${name}, attempt ${this.failures} of ${this.settings.connectAttempts}): ${fault}`);
          return;
        }
        void this.close();
        reject(new BrokerUnreachable(`no broker at ${withoutPassword(this.settings.url)} after ${this.failures} attempts: ${fault}`));
      });
    });
  }

  /** Says goodbye; a broker that does not answer within two seconds is left without. */
  async close(): Promise<void> {
    const socket = socketOf(this.model);
    this.closing.abort();
    this.model = undefined;
    const closed = this.amqp?.managedConnection.close().catch(() => {});
    await Promise.race([closed, sleep(2_000, undefined, { ref: false })]);
    socket?.destroy();
  }

  /** The connection manager asks here before every attempt, and waits for the answer: that makes its fixed pause a jittered backoff. */
  private async waitForTurn() {
    const attempt = this.failures + (this.everConnected ? 1 : 0);
    if (attempt > 0) await sleep(backoffMs(attempt, 250, 5_000), undefined, { signal: this.closing.signal });
    const { url, name } = this.settings;
    return { url, connectionOptions: { noDelay: true, timeout: 30_000, clientProperties: { connection_name: name }, ...this.tls } };
  }
}

/**
 * One connection for one purpose, which ends with it.
 * @throws BrokerUnreachable, also when the broker does not let this user in
 */
export async function connectOnce({ url, tls, name }: Pick<ConnectionSettings, 'url' | 'tls' | 'name'>): Promise<ChannelModel> {
  const clientProperties = { connection_name: name };
  try {
    const model = await connect(url, { noDelay: true, timeout: 30_000, clientProperties, ...(tls && tlsOptions(tls)) });
    // Whoever waits for an answer on it learns of it there.
    model.on('error', () => {});
    return model;
  } catch (error) {
    throw new BrokerUnreachable(`no connection to ${withoutPassword(url)} (${name}): ${connectFault(error)}`);
  }
}

function socketOf(model: ChannelModel | undefined): Socket | undefined {
  return (model?.connection as unknown as { stream?: Socket } | undefined)?.stream;
}

function withoutPassword(url: string): string {
  const shown = new URL(url);
  if (shown.password) shown.password = '***';
  return shown.href;
}
