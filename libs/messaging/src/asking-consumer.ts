import { setImmediate as turnOfTheLoop } from 'node:timers/promises';
import { Consumer, type ConsumerSettings } from './consumer.js';
import { intendOnce } from './inbox.js';
import type { AskingHandler, Incoming } from './message-handler.js';
import { beginHandling, inStep, type Taken } from './message-spans.js';

type Handler = AskingHandler<Incoming, unknown, unknown>;

interface Question extends Taken {
  readonly intent: unknown;
  /** The same message, delivered again in the same batch: they share the answer, and are asked about if there is none. */
  readonly copies: Taken[];
}

interface Answer extends Taken {
  readonly intent: unknown;
  readonly answer: unknown;
}

/**
 * Intent, question, outcome. Intents are committed as a batch; the questions are asked outside any transaction, a bounded number at a
 * time; each outcome is committed with whichever others have come in, so a slow answer never holds back a quick one. A message is
 * acknowledged when its own outcome is committed, and its inbox row is part of that commit.
 */
export class AskingConsumer extends Consumer {
  private readonly queued: Question[] = [];
  private readonly answers: Answer[] = [];
  private readonly asking = new Set<Promise<void>>();
  private recording: Promise<void> | undefined;

  constructor(
    settings: ConsumerSettings,
    private readonly handler: Handler,
    private readonly askAtOnce: number,
    /** A question that is out longer than this has failed: it is asked again, by the retry policy. */
    private readonly askDeadlineMs = 60_000,
  ) {
    super(settings);
  }

  override async drain(): Promise<void> {
    await super.drain();
    this.leaveQueued();
    await this.inHand();
  }

  protected override async inHand(): Promise<void> {
    await super.inHand();
    while (this.asking.size > 0) await Promise.all(this.asking);
    while (this.recording) await this.recording;
  }

  protected override lost(): void {
    super.lost();
    this.leaveQueued();
  }

  protected override resumed(): void {
    super.resumed();
    this.askNext();
  }

  protected override async handle(taken: readonly Taken[]): Promise<void> {
    const batch = taken.map((one) => beginHandling(one, this.settings.queue));
    if (batch.length > 1) {
      try {
        this.askAbout(await this.commitIntents(batch));
        return;
      } catch {
        // Which one it was shows when they are tried alone.
      }
    }
    for (const one of batch) {
      if (this.stopping || !this.subscription.isCurrent(one.delivery)) leaveToQueue([one]);
      else await this.settle(one, async () => this.askAbout(await this.commitIntents([one])));
    }
  }

  /** What has been handled, or needs no question, is registered and acknowledged here; the rest is to be asked. */
  private async commitIntents(batch: readonly Taken[]): Promise<Question[]> {
    const { queue, transactions } = this.settings;
    const messages = batch.map(({ message }) => message);
    const { unseen, intents } = await inStep(queue, 'intend', batch, () =>
      intendOnce(transactions, queue, messages, (fresh, tx) => this.handler.intend(fresh, tx)),
    );
    const questions = new Map<string, Question>();
    for (const taken of batch) {
      const { message, delivery } = taken;
      if (intents.has(message)) questions.set(message.id, { ...taken, intent: intents.get(message), copies: [] });
      else if (questions.has(message.id)) questions.get(message.id)!.copies.push(taken);
      else {
        this.count(unseen.has(message) ? 'done' : 'duplicate', 1);
        this.subscription.acknowledge(delivery);
        taken.span?.end();
      }
    }
    return [...questions.values()];
  }

  private askAbout(questions: readonly Question[]): void {
    this.queued.push(...questions);
    this.askNext();
  }

  private leaveQueued(): void {
    for (const question of this.queued.splice(0)) leaveToQueue([question, ...question.copies]);
  }

  private askNext(): void {
    while (!this.stopping && !this.isResting && this.asking.size < this.askAtOnce && this.queued.length > 0) {
      const question = this.queued.shift()!;
      const asked = this.ask(question).finally(() => {
        this.asking.delete(asked);
        this.askNext();
      });
      this.asking.add(asked);
    }
  }

  private async ask(question: Question): Promise<void> {
    if (!this.subscription.isCurrent(question.delivery)) {
      leaveToQueue([question, ...question.copies]);
      return;
    }
    let isAnswered = false;
    await this.settle(question, async () => {
      // One that was given back meanwhile may have been asked and settled elsewhere, however long ago: look before asking.
      const asked = this.subscription.isCurrent(question.delivery) ? question : (await this.commitIntents([question]))[0];
      if (!asked) return;
      const { intent } = asked;
      const answer = await inTime(this.handler.ask(intent, asked.message), this.askDeadlineMs);
      for (const { delivery, message, span } of [asked, ...question.copies]) this.answers.push({ delivery, message, span, intent, answer });
      isAnswered = true;
      this.recordNext();
    });
    const [next, ...copies] = question.copies;
    if (!isAnswered && next) this.askAbout([{ ...next, intent: question.intent, copies }]);
  }

  private recordNext(): void {
    this.recording ??= this.recordAll().finally(() => {
      this.recording = undefined;
      if (this.answers.length > 0) this.recordNext();
    });
  }

  private async recordAll(): Promise<void> {
    while (this.answers.length > 0) {
      // Answers that have come together are about to be told of.
      await turnOfTheLoop();
      const batch = this.answers.splice(0, this.batch);
      try {
        await this.commitOutcomes(batch);
      } catch {
        for (const answer of batch) await this.settle(answer, () => this.commitOutcomes([answer]));
      }
    }
  }

  private async commitOutcomes(batch: readonly Answer[]): Promise<void> {
    await inStep(this.settings.queue, 'record', batch, () => this.commitNew(batch, (fresh, tx) => this.handler.record(fresh, tx)));
    for (const { delivery, span } of batch) {
      this.subscription.acknowledge(delivery);
      span?.end();
    }
  }
}

/** Ends the handling of what is handled where it is delivered again. */
function leaveToQueue(messages: readonly Taken[]): void {
  for (const { span } of messages) span?.end('given back to the queue');
}

async function inTime<Value>(work: Promise<Value>, ms: number): Promise<Value> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer within ${ms} ms`)), ms);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
