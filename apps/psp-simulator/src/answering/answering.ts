import { setTimeout as sleep } from 'node:timers/promises';
import { Inject, Injectable, type OnModuleDestroy } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import { SIMULATOR_CONFIG, type SimulatorConfig } from '../config.js';
import { HeldAnswers } from '../faults/held-answers.js';
import type { Treatment } from '../faults/treatments.js';
import { simulatedAnswers } from '../metrics.js';
import { behaviours, type AnswerName, type Behaviour, type WebhookName } from '../scenarios/scenarios.js';
import { WebhookSender } from '../webhooks/webhook-sender.js';
import type { Answer } from '../wire/answer.js';
import { StripeError, tooManyRequests } from '../wire/stripe-error.js';
import type { Question } from './question.js';

/** What a question did, and what is said of it. */
export interface Done {
  readonly status: number;
  readonly body: object;
  /** The webhooks that tell of it. */
  readonly deliveries: readonly number[];
  /** By which its answer is released when it is held. */
  readonly attemptId?: string;
}

interface Words {
  readonly answer: AnswerName;
  readonly webhooks?: WebhookName;
}

interface Result {
  readonly status: number;
  readonly body: object;
}

const cut: Answer = { kind: 'cut' };
const silence: Answer = { kind: 'silence' };
const failure: Result = { status: 500, body: { error: { type: 'api_error', message: 'An unknown error occurred' } } };
/** The longest that an answer waits for its webhook. */
const webhookFirstMs = 30_000;

/**
 * Answers each question once: its result is written in the transaction that does what it asks, and is the answer ever after, also when it is
 * a 500. Whatever becomes of the answer, the books are written before. https://docs.stripe.com/api/idempotent_requests
 *
 * Which questions are being executed is known to this process alone: there is one simulator, and one that dies executes nothing any more.
 */
@Injectable()
export class Answering implements OnModuleDestroy {
  private readonly executing = new Map<string, Question>();
  private readonly stop = new AbortController();

  constructor(
    private readonly books: DataSource,
    private readonly sender: WebhookSender,
    private readonly heldAnswers: HeldAnswers,
    @Inject(SIMULATOR_CONFIG) private readonly config: SimulatorConfig,
  ) {}

  onModuleDestroy(): void {
    this.stop.abort();
  }

  /**
   * @param treat says how the question is treated; it is asked for questions that have no result yet
   * @param act does what is asked, in a transaction. A StripeError that it throws is a result like another.
   * @throws StripeError
   */
  async answer<Treated extends Words>(
    question: Question,
    treat: () => Promise<Treatment<Treated>>,
    act: (books: EntityManager, words: Treated) => Promise<Done>,
  ): Promise<Answer> {
    this.refuseWhileExecuting(question);
    const known = await this.find(question);
    this.refuseWhileExecuting(question);
    if (known) return known;
    this.executing.set(question.key, question);
    try {
      // It may have ended between the first look and here.
      return (await this.find(question)) ?? (await this.execute(question, await treat(), act));
    } finally {
      this.executing.delete(question.key);
    }
  }

  private async execute<Treated extends Words>(
    question: Question,
    { words, times }: Treatment<Treated>,
    act: (books: EntityManager, words: Treated) => Promise<Done>,
  ): Promise<Answer> {
    const behaviour: Behaviour = behaviours[words.answer];
    simulatedAnswers.inc({ answer: words.answer });
    if (times === 1 && behaviour.firstTime === 'tooMany') throw tooManyRequests();
    if (times === 1 && behaviour.firstTime === 'hangs') return silence;
    if (behaviour.slow && !(await this.waited(this.config.SLOW_CARD_MS))) return cut;

    let announced: Promise<unknown> | undefined;
    let fate: Promise<'answer' | 'lose-answer'> | undefined;
    const result = await this.perform(question, async (books) => {
      const done = await act(books, words);
      // Both before the commit, from when on the webhook may be sent and the intent be seen.
      if (words.webhooks === 'webhookFirst') announced = Promise.all(done.deliveries.map((delivery) => this.sender.ended(delivery)));
      if (behaviour.answer === 'held') fate = this.heldAnswers.hold(done.attemptId ?? question.key);
      return behaviour.answer === 'fails' ? failure : done;
    });
    this.sender.wake();
    if (announced) await Promise.race([announced, this.waited(webhookFirstMs)]);
    if ((await fate) === 'lose-answer') return cut;
    return behaviour.answer === 'hangs' ? silence : toAnswer(result);
  }

  /** Does what is asked and keeps the result, both or neither. What was refused in the middle is undone, and its refusal kept. */
  private async perform(question: Question, act: (books: EntityManager) => Promise<Result>): Promise<Result> {
    try {
      return await this.books.transaction(async (books) => {
        const result = await act(books);
        await keep(books, question, result);
        return result;
      });
    } catch (error) {
      if (!(error instanceof StripeError)) throw error;
      const refusal = { status: error.status, body: { error: error.error } };
      await keep(this.books.manager, question, refusal);
      return refusal;
    }
  }

  /** The answer that a key has, if it has one. @throws StripeError when it was used for another question */
  private async find({ key, asked }: Question): Promise<Answer | undefined> {
    const [row]: { asked: string; status: number; body: object; request_id: string }[] = await this.books.query(
      'SELECT asked, status, body, request_id FROM idempotency_keys WHERE key = $1',
      [key],
    );
    if (!row) return undefined;
    if (row.asked !== asked) throw usedOtherwise();
    return toAnswer(row, { 'Idempotent-Replayed': 'true', 'Original-Request': row.request_id });
  }

  private refuseWhileExecuting({ key, asked }: Question): void {
    const other = this.executing.get(key);
    if (!other) return;
    if (other.asked !== asked) throw usedOtherwise();
    throw new StripeError(409, {
      type: 'invalid_request_error',
      code: 'idempotency_key_in_use',
      message: 'There is currently another in-progress request using this Idempotent Key. Please try again later.',
    });
  }

  /** @returns false when the simulator stops before */
  private waited(ms: number): Promise<boolean> {
    return sleep(ms, true, { signal: this.stop.signal, ref: false }).catch(() => false);
  }
}

async function keep(books: EntityManager, { key, asked, requestId }: Question, { status, body }: Result): Promise<void> {
  await books.query('INSERT INTO idempotency_keys (key, asked, status, body, request_id) VALUES ($1, $2, $3, $4, $5)', [
    key,
    asked,
    status,
    body,
    requestId,
  ]);
}

/** The caller's library would ask again after a 500; here that changes nothing. */
function toAnswer({ status, body }: Result, headers: Record<string, string> = {}): Answer {
  return { kind: 'said', status, body, headers: { ...headers, ...(status >= 500 && { 'Stripe-Should-Retry': 'false' }) } };
}

const usedOtherwise = (): StripeError =>
  new StripeError(400, {
    type: 'idempotency_error',
    message: 'Keys for idempotent requests can only be used with the same parameters they were first used with.',
  });
