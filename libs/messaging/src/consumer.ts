import { setMaxListeners } from 'node:events';
import { setImmediate as turnOfTheLoop, setTimeout as wait } from 'node:timers/promises';
import type { Logger } from '@nestjs/common';
import type { MessageType, QueueDeclaration, Topology } from '#libs/contracts';
import { backoffMs } from './backoff.js';
import type { Connection } from './connection.js';
import { forParking, forRenewal, forRetry } from './dead-letters.js';
import { attemptOf, readDelivery, Unreadable } from './delivery.js';
import { handleOnce } from './inbox.js';
import { handleAlone, type Taken } from './message-spans.js';
import { batchMessages, consumersPaused, handlingSeconds, messageRetries, messagesHandled } from './metrics.js';
import type { Transaction, Transactions } from './outbox.js';
import { Pause } from './pause.js';
import type { Outgoing, Publisher } from './publisher.js';
import { judge } from './retry-policy.js';
import type { StandingRetries } from './standing-retries.js';
import { Subscription, type Delivery } from './subscription.js';

/** What every consumer stands on. */
export interface ConsumerSettings {
  readonly queue: string;
  readonly declaration: QueueDeclaration;
  readonly topology: Topology;
  readonly retryDelaysSeconds: readonly number[];
  /** How long a pause may last before what is held goes back to the queue, in ms. */
  readonly pauseGraceMs: number;
  readonly connection: Connection;
  readonly publisher: Publisher;
  readonly transactions: Transactions;
  readonly standingRetries: StandingRetries;
  readonly declare: () => Promise<void>;
  readonly logger: Logger;
}

/** A message that came back this often may be what kills its consumer, so it is handled where it can hurt only itself. */
const suspiciousDeliveries = 2;

/** The database's own limits end a statement after 15 s, so a batch that takes longer than this has hung. */
const longestBatchSeconds = 60;

/**
 * Takes what has arrived on a queue, up to the batch size, and has it handled; what fails alone goes to the delay service or to the dead
 * letters with a confirm, and only then is it acknowledged. Nothing is ever requeued: a requeued message comes back at once, for ever.
 *
 * A batch is what came in while the last one was worked on. No timer waits for more, so at low load it is one message.
 */
export abstract class Consumer {
  protected readonly subscription: Subscription;
  protected readonly pause: Pause;
  protected stopping = false;
  /** The most that one transaction handles. */
  protected batch: number;
  private pausedByOperator = false;
  /** Which pause by an operator this is: one that has been ended gives nothing back any more. */
  private operatorPauses = 0;
  private readonly waiting: Delivery[] = [];
  private readonly takes: ReadonlyMap<string, MessageType>;
  private working: Promise<void> | undefined;
  private readonly stopSignal = new AbortController();
  private busySince: number | undefined;

  constructor(protected readonly settings: ConsumerSettings) {
    const { connection, queue, declaration, logger, declare, pauseGraceMs: graceMs } = settings;
    this.batch = declaration.batch;
    // Each message that waits listens to it.
    setMaxListeners(0, this.stopSignal.signal);
    // What is counted is there before it happens: from nothing to one is no increase to whoever computes rates.
    for (const outcome of ['done', 'duplicate', 'too_late', 'retried', 'dead']) messagesHandled.inc({ queue, outcome }, 0);
    settings.retryDelaysSeconds.forEach((_, index) => messageRetries.inc({ queue, rung: index + 1 }, 0));
    consumersPaused.set({ queue }, 0);
    this.takes = new Map(declaration.takes.map((type) => [type.name, type]));
    this.subscription = new Subscription({
      connection,
      name: queue,
      logger,
      prefetch: declaration.prefetch,
      prepare: async (_, again) => {
        if (again) await declare();
        return queue;
      },
      onDelivery: (delivery) => {
        this.waiting.push(delivery);
        this.work();
      },
      onLost: () => this.lost(),
    });
    this.pause = new Pause({
      queue,
      graceMs,
      logger,
      subscription: this.subscription,
      beforeGivingBack: (held) => this.renewWorn(held),
      onOver: () => this.resumed(),
    });
  }

  /** Resolves when messages are delivered for the first time, or at once when none are to be. */
  async start(): Promise<void> {
    const delivered = this.subscription.start();
    if (!this.pausedByOperator) await delivered;
  }

  setBatch(batch: number): void {
    this.batch = batch;
  }

  setPrefetch(prefetch: number): void {
    this.subscription.changePrefetch(prefetch);
  }

  /** Takes nothing more until {@link resumeByOperator}: finishes what is in hand, and gives back what it has not begun. */
  async pauseByOperator(): Promise<void> {
    if (this.pausedByOperator) return;
    const { queue, logger } = this.settings;
    this.pausedByOperator = true;
    const mine = ++this.operatorPauses;
    logger.warn(`${queue} is paused by an operator`);
    consumersPaused.set({ queue }, 1);
    this.subscription.pause('operator');
    await this.inHand();
    if (this.pausedByOperator && mine === this.operatorPauses && !this.stopping) {
      // To be given back says nothing against a message, so the second time it is sent anew: it would be handled alone from then on.
      await this.subscription.giveBack((held) => this.renewWorn(held, suspiciousDeliveries - 1));
    }
  }

  /** After {@link pauseByOperator}. */
  resumeByOperator(): void {
    if (!this.pausedByOperator) return;
    const { queue, logger } = this.settings;
    this.pausedByOperator = false;
    logger.log(`${queue} goes on: an operator has resumed it`);
    consumersPaused.set({ queue }, this.pause.active ? 1 : 0);
    this.subscription.resume('operator');
    this.resumed();
  }

  /** What is wrong, in words; nothing when all is well. */
  complaints(): string[] {
    const { queue } = this.settings;
    const busySeconds = this.busySince === undefined ? 0 : Math.round((Date.now() - this.busySince) / 1000);
    const byOperator = this.pausedByOperator ? [`${queue} is paused by an operator`] : [];
    if (this.pause.complaint !== undefined) return [...byOperator, this.pause.complaint];
    return [
      ...byOperator,
      ...(this.subscription.alive || this.pausedByOperator ? [] : [`${queue} has no consumer`]),
      ...(busySeconds > longestBatchSeconds ? [`${queue} has been at one batch for ${busySeconds} s`] : []),
    ];
  }

  /** Takes nothing new and finishes what is in hand. What was delivered and not begun goes back to the queue with the channel. */
  async drain(): Promise<void> {
    this.stopping = true;
    this.stopSignal.abort();
    this.waiting.splice(0);
    const cancelled = this.subscription.cancel();
    this.pause.end();
    await cancelled;
    await this.working;
  }

  end(): void {
    this.subscription.end();
  }

  /** Handles a batch until each of its messages is acknowledged, handed on, or will come again. Never throws. */
  protected abstract handle(batch: readonly Taken[]): Promise<void>;

  /** Whether nothing new is begun for now. */
  protected get isResting(): boolean {
    return this.pausedByOperator || this.pause.active;
  }

  /** Settles when nothing is in hand. */
  protected async inHand(): Promise<void> {
    await this.working;
  }

  /** What was delivered and is not begun comes again, here or elsewhere. */
  protected lost(): void {
    this.waiting.splice(0);
  }

  /** After a pause. */
  protected resumed(): void {
    if (this.pausedByOperator) consumersPaused.set({ queue: this.settings.queue }, 1);
    this.work();
  }

  /**
   * Does the work of one message alone, again and again while what it depends on is away, until it is done or the message is handed on or
   * will come again. The one that looks for everybody goes on when the message itself is given back: `work` may find it handled elsewhere.
   */
  protected async settle(taken: Taken, work: () => Promise<void>): Promise<void> {
    for (let tries = 1; ; tries += 1) {
      try {
        await handleAlone(taken, work);
        break;
      } catch (error) {
        if ((await this.failed(taken, error, tries)) === 'again') continue;
        taken.span?.end(error);
        break;
      }
    }
    this.pause.end(taken.delivery);
  }

  /** Decides about a message that failed alone: waits and answers `again` when nobody is to blame, else hands it on and acknowledges it. */
  private async failed(taken: Taken, error: unknown, tries: number): Promise<'again' | 'settled'> {
    const { delivery, message } = taken;
    const { queue, retryDelaysSeconds, topology, standingRetries, logger } = this.settings;
    const verdict = judge(error, message.attempt, retryDelaysSeconds);
    const what = `${queue}: ${message.type} ${message.id} about ${message.subject}`;
    if (verdict.kind === 'pause') {
      if (!this.pause.begin(delivery, verdict.reason, error)) {
        await this.pause.over;
        return this.stopping || !this.subscription.isCurrent(delivery) ? 'settled' : 'again';
      }
      await this.sleep(Math.max(verdict.atLeastMs, backoffMs(tries, 200, 10_000)));
      return this.stopping ? 'settled' : 'again';
    }
    // It was given back, and fails where it is delivered again.
    if (!this.subscription.isCurrent(delivery)) return 'settled';
    if (verdict.kind === 'retry') {
      handleAlone(taken, () =>
        logger.warn(`${what} failed, attempt ${message.attempt}, again in ${verdict.afterSeconds} s: ${String(error)}`),
      );
      const retry = goingOn(taken, forRetry(delivery.message, queue, verdict, error, topology.delay));
      await standingRetries.keep(queue, retry, verdict.afterSeconds);
      if (await this.handOn(delivery, retry, 'retried')) messageRetries.inc({ queue, rung: message.attempt });
    } else {
      handleAlone(taken, () => logger.error(`${what} is a dead letter after ${message.attempt} attempts: ${String(error)}`));
      const letter = goingOn(taken, forParking(delivery.message, queue, verdict.reason, error, topology.deadLetters));
      await this.park(delivery, letter);
    }
    return 'settled';
  }

  /** One transaction for a batch: registers it in the inbox, and gives `work` what is new of it. */
  protected async commitNew<Item extends Taken>(
    batch: readonly Item[],
    work: (fresh: readonly Item[], tx: Transaction) => Promise<void>,
  ): Promise<void> {
    const { queue, transactions } = this.settings;
    const stopTimer = handlingSeconds.startTimer({ queue });
    let outcome = 'failed';
    let handled: number;
    try {
      handled = await handleOnce(transactions, queue, batch, work);
      outcome = 'committed';
    } finally {
      stopTimer({ outcome });
    }
    batchMessages.observe({ queue }, batch.length);
    this.count('done', handled);
    this.count('duplicate', batch.length - handled);
  }

  protected count(outcome: 'done' | 'duplicate', messages: number): void {
    if (messages > 0) messagesHandled.inc({ queue: this.settings.queue, outcome }, messages);
  }

  private work(): void {
    if (this.working || this.stopping || this.isResting) return;
    this.working = this.workOff().finally(() => {
      this.working = undefined;
      this.busySince = undefined;
      if (this.waiting.length > 0) this.work();
    });
  }

  private async workOff(): Promise<void> {
    for (;;) {
      // What came in the same packet is about to be read, and belongs to the same batch.
      await turnOfTheLoop();
      if (this.waiting.length === 0 || this.stopping || this.isResting) return;
      this.busySince = Date.now();
      const batch = await this.readable(this.nextBatch());
      if (!batch) return;
      if (batch.length > 0) await this.handle(batch);
    }
  }

  private nextBatch(): Delivery[] {
    const suspicious = (delivery: Delivery) => timesReturned(delivery) >= suspiciousDeliveries;
    if (suspicious(this.waiting[0]!)) return this.waiting.splice(0, 1);
    const end = this.waiting.findIndex(suspicious);
    return this.waiting.splice(0, Math.min(this.batch, end === -1 ? this.waiting.length : end));
  }

  /**
   * The messages that can be read; the others are dead letters at once, and hold up nobody. Undefined when one of those could not be
   * parked before stopping: it is unacknowledged, and a batch that is acknowledged as a whole would take it along.
   */
  private async readable(deliveries: readonly Delivery[]): Promise<Taken[] | undefined> {
    const taken: Taken[] = [];
    for (const delivery of deliveries) {
      try {
        taken.push({ delivery, message: readDelivery(delivery.message, this.takes) });
      } catch (error) {
        const { queue, topology, logger } = this.settings;
        const reason = error instanceof Unreadable ? error.reason : 'malformed';
        logger.error(`${queue}: a message is a dead letter, ${reason}: ${(error as Error).message}`);
        if (!(await this.park(delivery, forParking(delivery.message, queue, reason, error, topology.deadLetters)))) return undefined;
      }
    }
    return taken;
  }

  /** Gives a message up. False: it will come again. */
  private async park(delivery: Delivery, letter: Outgoing): Promise<boolean> {
    const { queue, standingRetries } = this.settings;
    const parked = await this.handOn(delivery, letter, 'dead');
    if (parked && attemptOf(delivery.message.properties.headers) > 1) await standingRetries.forget(queue, letter.id);
    return parked;
  }

  /** Sends a message to where it goes next and acknowledges it, however long the broker takes to accept it. False: it will come again. */
  private async handOn(delivery: Delivery, outgoing: Outgoing, outcome: 'retried' | 'dead'): Promise<boolean> {
    const { queue, publisher, declare } = this.settings;
    let tries = 1;
    try {
      for (; this.subscription.isCurrent(delivery) && !(this.stopping && tries > 1); tries += 1) {
        const [answer] = await publisher.send([outgoing]);
        if (answer?.kind === 'confirmed') {
          messagesHandled.inc({ queue, outcome });
          this.subscription.acknowledge(delivery);
          return true;
        }
        this.pause.begin(delivery, `a message cannot be handed on: ${answer?.reason}`);
        // Where it goes may have been deleted.
        if (answer?.kind !== 'unknown' || answer.brokeChannel) await declare().catch(() => {});
        await this.sleep(backoffMs(tries, 200, 5_000));
      }
      // It has gone back to the queue with the others, and there is no use in taking it before it can be handed on.
      while (this.pause.isFor(delivery) && !publisher.ready && !this.stopping) await this.sleep(backoffMs((tries += 1), 200, 5_000));
      return false;
    } finally {
      this.pause.end(delivery);
    }
  }

  /** What has come back so often that the broker would soon give it up is sent anew: no outage, however often, makes a dead letter. */
  private async renewWorn(held: readonly Delivery[], from = this.settings.topology.deliveryLimit / 2): Promise<void> {
    const { queue, topology, publisher } = this.settings;
    const worn = held.filter((delivery) => timesReturned(delivery) >= from);
    if (worn.length === 0) return;
    const answers = await publisher.send(worn.map(({ message }) => forRenewal(message, queue, topology.delay)));
    for (const [index, { message, channel }] of worn.entries()) {
      try {
        if (answers[index]?.kind === 'confirmed') channel.ack(message);
      } catch {
        // The channel is gone: it comes twice, and the inbox knows it.
      }
    }
  }

  private async sleep(ms: number): Promise<void> {
    await wait(ms, undefined, { signal: this.stopSignal.signal }).catch(() => {});
  }
}

/** What a message is handed on as is a part of its handling, for as long as that is followed. */
function goingOn({ span }: Taken, outgoing: Outgoing): Outgoing {
  return span ? { ...outgoing, headers: { ...outgoing.headers, traceparent: span.traceparent } } : outgoing;
}

/** How often the broker has had it back without an answer. */
function timesReturned({ message }: Delivery): number {
  return Number(message.properties.headers?.['x-delivery-count'] ?? 0);
}
