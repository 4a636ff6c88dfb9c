import { randomUUID } from 'node:crypto';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { Channel, ChannelModel, ConsumeMessage } from 'amqplib';
import { z } from 'zod';
import { Activity, isUuid } from '#libs/contracts';
import type { Connection } from './connection.js';
import { activityDropped, activitySent } from './metrics.js';

/** How long calls are gathered for one message, and how many it takes at most. */
const gatheringMs = 200;
const mostInMessage = 100;
/** What waits when the broker takes nothing; so also the most that is sent in {@link gatheringMs}. */
const mostWaiting = 1_000;
const reopenAfterMs = 1_000;

/** What a service knows of a call that it has answered. */
export type AnsweredCall = Pick<Activity, 'method' | 'route' | 'status' | 'durationMs' | 'caller' | 'traceId'> & {
  /** As it stood in the path: perhaps no id. */
  readonly orderId: string | undefined;
};

interface ActivityStreamSettings {
  readonly exchange: string;
  readonly service: string;
  readonly instance: string;
}

/**
 * Says what callers do, at most once: without confirms, from memory, and only as fast as the broker takes it. What does not fit is dropped
 * and counted. Nobody waits for it, and it may fail as it likes.
 */
export class ActivityStream {
  private waiting: Activity[] = [];
  private timer: NodeJS.Timeout | undefined;
  private channel: Channel | undefined;
  /** The socket has more than it can send; it says when that is over. */
  private congested = false;
  private ended = false;

  constructor(
    private readonly connection: Connection,
    private readonly settings: ActivityStreamSettings,
  ) {
    connection.onConnect((model) => void this.open(model));
  }

  record({ orderId, caller, ...call }: AnsweredCall): void {
    if (this.waiting.length >= mostWaiting || this.ended) return activityDropped.inc();
    const { service, instance } = this.settings;
    const about = { ...(caller !== undefined && { caller }), ...(isUuid(orderId) && { orderId }) };
    this.waiting.push({ id: randomUUID(), at: new Date().toISOString(), service, instance, ...call, ...about });
    this.timer ??= setTimeout(() => this.send(), gatheringMs).unref();
  }

  /** Sends what it can, and nothing from here on. */
  end(): void {
    this.send();
    this.ended = true;
    clearTimeout(this.timer);
    activityDropped.inc(this.waiting.splice(0).length);
  }

  private send(): void {
    this.timer = undefined;
    while (this.waiting.length > 0 && this.channel && !this.congested && this.connection.blocked === undefined) {
      const calls = this.waiting.splice(0, mostInMessage);
      const options = { persistent: false, contentType: 'application/json' };
      try {
        this.congested = !this.channel.publish(this.settings.exchange, '', Buffer.from(JSON.stringify(calls)), options);
        activitySent.inc(calls.length);
      } catch {
        // The channel has ended, and its end has not been told yet.
        activityDropped.inc(calls.length);
        this.channel = undefined;
      }
    }
    if (this.waiting.length > 0) this.timer = setTimeout(() => this.send(), gatheringMs).unref();
  }

  private async open(model: ChannelModel): Promise<void> {
    this.channel = undefined;
    try {
      const channel = await model.createChannel();
      // Whatever the broker minds, the rest of the connection goes on.
      channel.on('error', () => {});
      channel.on('drain', () => (this.congested = false));
      channel.on('close', () => {
        if (this.channel === channel) this.channel = undefined;
        setTimeout(() => {
          if (this.connection.model === model && !this.ended) void this.open(model);
        }, reopenAfterMs).unref();
      });
      this.congested = false;
      this.channel = channel;
    } catch {
      // The connection has gone; the next one is told of.
    }
  }
}

/** Where an application says what its callers do. */
export function activityOf(app: NestFastifyApplication): (call: AnsweredCall) => void {
  const stream = app.get(ActivityStream, { strict: false });
  return (call) => stream.record(call);
}

const Calls = z.array(z.unknown());

/** The calls that a message tells of; those that cannot be read are left out. */
export function readActivity({ content }: Pick<ConsumeMessage, 'content'>): Activity[] {
  try {
    return Calls.parse(JSON.parse(content.toString('utf8'))).flatMap((call) => {
      const read = Activity.safeParse(call);
      return read.success ? [read.data] : [];
    });
  } catch {
    return [];
  }
}
