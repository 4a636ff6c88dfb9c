import { Consumer, type ConsumerSettings, type Taken } from './consumer.js';
import { findNew, registerNew } from './inbox.js';
import type { Answered, AskingHandler, Incoming } from './message-handler.js';

type Handler = AskingHandler<Incoming, unknown, unknown>;

interface Question extends Taken {
  readonly intent: unknown;
}

interface Answer extends Question {
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
  ) {
    super(settings);
  }

  override async drain(): Promise<void> {
    await super.drain();
    this.queued.splice(0);
    while (this.asking.size > 0) await Promise.all(this.asking);
    await this.recording;
  }

  protected override async handle(batch: readonly Taken[]): Promise<void> {
    let questions: Question[];
    try {
      questions = await this.commitIntents(batch);
    } catch (error) {
      if (batch.length === 1) {
        await this.askedInVain(batch[0]!, error);
        return;
      }
      for (const taken of batch) await this.handle([taken]);
      return;
    }
    this.queued.push(...questions);
    this.askNext();
  }

  /** What has been handled, or needs no question, is registered and acknowledged here; the rest is to be asked. */
  private async commitIntents(batch: readonly Taken[]): Promise<Question[]> {
    const { queue, transactions } = this.settings;
    const { unseen, intents } = await transactions.run(async (tx) => {
      const ids = batch.map(({ message }) => message.id);
      const fresh = await findNew(tx.manager, queue, ids);
      const messages = batch.map(({ message }) => message).filter(({ id }) => fresh.delete(id));
      const intended = messages.length > 0 ? await this.handler.intend(messages, tx) : new Map<Incoming, unknown>();
      const settled = messages.filter((message) => !intended.has(message));
      if (settled.length > 0)
        await registerNew(
          tx.manager,
          queue,
          settled.map(({ id }) => id),
        );
      return { unseen: new Set(messages), intents: intended };
    });
    const questions: Question[] = [];
    for (const taken of batch) {
      if (intents.has(taken.message)) questions.push({ ...taken, intent: intents.get(taken.message) });
      else {
        this.count(unseen.has(taken.message) ? 'done' : 'duplicate', 1);
        this.subscription.acknowledge(taken.delivery);
      }
    }
    return questions;
  }

  private askNext(): void {
    while (this.asking.size < this.askAtOnce && this.queued.length > 0) {
      const question = this.queued.shift()!;
      const asked = this.ask(question).finally(() => {
        this.asking.delete(asked);
        this.askNext();
      });
      this.asking.add(asked);
    }
  }

  private async ask(question: Question): Promise<void> {
    for (let tries = 1; this.subscription.isCurrent(question.delivery); tries += 1) {
      try {
        const answer = await this.handler.ask(question.intent, question.message);
        this.answers.push({ ...question, answer });
        this.recordNext();
        return;
      } catch (error) {
        if ((await this.failed(question, error, tries)) === 'settled') return;
      }
    }
  }

  private recordNext(): void {
    this.recording ??= this.recordAll().finally(() => {
      this.recording = undefined;
      if (this.answers.length > 0) this.recordNext();
    });
  }

  private async recordAll(): Promise<void> {
    while (this.answers.length > 0) {
      const batch = this.answers.splice(0, this.settings.declaration.batch);
      try {
        await this.commitOutcomes(batch);
      } catch {
        for (const answer of batch) await this.recordAlone(answer);
      }
    }
  }

  private async recordAlone(answer: Answer): Promise<void> {
    for (let tries = 1; ; tries += 1) {
      try {
        await this.commitOutcomes([answer]);
        return;
      } catch (error) {
        if ((await this.failed(answer, error, tries)) === 'settled') return;
      }
    }
  }

  private async commitOutcomes(batch: readonly Answer[]): Promise<void> {
    const { queue, transactions } = this.settings;
    const fresh = await transactions.run(async (tx) => {
      const unseen = await registerNew(
        tx.manager,
        queue,
        batch.map(({ message }) => message.id),
      );
      const answered: Answered<Incoming, unknown, unknown>[] = batch.filter(({ message }) => unseen.delete(message.id));
      if (answered.length > 0) await this.handler.record(answered, tx);
      return answered.length;
    });
    this.count('done', fresh);
    this.count('duplicate', batch.length - fresh);
    for (const { delivery } of batch) this.subscription.acknowledge(delivery);
  }

  /** The intent itself could not be committed: as with any failure, but what comes after a pause is the whole message again. */
  private async askedInVain(taken: Taken, error: unknown): Promise<void> {
    for (let tries = 1, latest = error; ; tries += 1) {
      if ((await this.failed(taken, latest, tries)) === 'settled') return;
      try {
        this.queued.push(...(await this.commitIntents([taken])));
        this.askNext();
        return;
      } catch (again) {
        latest = again;
      }
    }
  }
}
