import { randomBytes, randomUUID } from 'node:crypto';
import { Problem, type Answer, type IdempotentRequest } from '#libs/http';
import { DependencyAway, handleOnce, intendOnce, PermanentFailure } from '#libs/messaging';
import { noBooks, readBooks, type Books } from './books.spec-support.js';
import { Crash, planned, type CrashPoint } from './crash-points.spec-support.js';
import { checkStep } from './invariants.spec-support.js';
import { Network, type Letter } from './network.spec-support.js';
import { Provider, type Intent, type Mail, type Weather } from './provider.spec-support.js';
import type { Consumer, Services } from './services.spec-support.js';
import type { StepData } from './steps.spec-support.js';
import { holds, Violation } from './violation.spec-support.js';

const customer = { kind: 'customer', id: 'alice' } as const;

export interface PlacedOrder {
  readonly id: string;
  readonly number: number;
  readonly total: number;
  deadlineIsPast: boolean;
}

/** A message whose intent is committed, and whose outcome is not. */
export interface Question {
  readonly letter: Letter;
  readonly intent: unknown;
  /** Once the provider has been asked. */
  answer?: { readonly value: unknown };
}

/** Where a consumer dies over a message. Those that ask nobody only know the commit. */
export const deaths = ['nowhere', 'intending', 'intended', 'asked', 'recording', 'recorded'] as const;
export type Death = (typeof deaths)[number];

interface HttpCall {
  readonly what: string;
  readonly call: () => Promise<Answer>;
}

/** One run of the model: a few orders, the two services, the network between them, and the provider. */
export class World {
  readonly network = new Network();
  readonly provider = new Provider(randomBytes(4).toString('hex'));
  readonly orders: PlacedOrder[] = [];
  readonly inHand: Question[] = [];
  /** Requests that a client may send again, with the same key. */
  readonly calls: HttpCall[] = [];
  /** The attempts, refunds and orders whose timer was lost. */
  readonly withoutTimer = new Set<string>();
  /** The orders about whose money the provider contradicted itself, so that a person has to look. */
  readonly contradicted = new Set<string>();
  /** Attempts that were declined and captured afterwards. */
  readonly regretted = new Set<string>();
  /** What has happened, as data and in words. */
  readonly steps: StepData[] = [];
  readonly story: string[] = [];
  books: Books = noBooks;
  private readonly seenEvents = new Set<string>();
  /** Those that were taken just before a crash. */
  private readonly takenUnheard = new Set<string>();

  constructor(readonly services: Services) {}

  tell(words: string): void {
    this.story.push(words);
  }

  /** Relays what was said, reads the books again, and checks that all is as it must always be. */
  async look(): Promise<void> {
    const ours = new Set(this.orders.map(({ id }) => id));
    const isOurs = (orderId: string) => ours.has(orderId);
    await Promise.all([this.network.relay(this.services.orders, isOurs), this.network.relay(this.services.payments, isOurs)]);
    for (const { amount, received, metadata } of this.provider.intents.values())
      if (received > 0 && received !== amount) this.contradicted.add(metadata['order_id'] ?? '');
    for (const { status, metadata } of this.provider.refunds.values())
      if (status === 'failed') this.contradicted.add(metadata['order_id'] ?? '');
    const before = this.books;
    this.books = await readBooks(this.services.orders, this.services.payments, [...ours]);
    checkStep(this, before);
  }

  numberOf(orderId: string): string {
    const order = this.orders.find(({ id }) => id === orderId);
    return order ? `order ${order.number}` : 'nobody’s order';
  }

  statusOf(orderId: string): string {
    return this.books.orders.find(({ id }) => id === orderId)?.status ?? 'unknown';
  }

  /** @param intent of a decline that the provider takes back: it captures after all */
  regret(intent: Intent): void {
    this.tell(`The provider captures after all what it declined of ${this.numberOf(intent.metadata['order_id'] ?? '')}`);
    this.regretted.add(intent.metadata['attempt_id'] ?? '');
    this.provider.regret(intent);
  }

  loseTimer(letter: Letter): void {
    this.tell(`The timer ${this.describe(letter)} is lost`);
    this.network.remove(letter);
    for (const id of Object.values(letter.message.data as object)) this.withoutTimer.add(String(id));
  }

  paymentOf(orderId: string) {
    return this.books.payments.find((payment) => payment.orderId === orderId);
  }

  describe({ message, queue }: Letter): string {
    return `${message.type} about ${this.numberOf(message.subject)} for ${queue}`;
  }

  // What customers and operators do.

  async place(method: string | undefined, quantity: number, windowSeconds: number, crash?: CrashPoint): Promise<void> {
    const request = requestOf('/orders');
    const body = {
      items: [{ sku: 'MUG-STONEWARE', quantity }],
      email: 'alice@example.com',
      paymentWindowSeconds: windowSeconds,
      ...(method !== undefined && { paymentMethod: method }),
    };
    const what = `A customer places order ${this.orders.length + 1}${method === undefined ? '' : ` and pays with ${method}`}`;
    const given = await this.http({ what, call: () => this.services.places.place(body, customer.id, request) }, crash);
    const { id, total } = JSON.parse(given!.body) as { id: string; total: { amountMinor: number } };
    this.orders.push({ id, number: this.orders.length + 1, total: total.amountMinor, deadlineIsPast: false });
  }

  async pay(order: PlacedOrder, method: string, crash?: CrashPoint): Promise<void> {
    const request = requestOf(`/orders/${order.id}/payments`);
    const call = () => this.services.pays.pay(order.id, { paymentMethod: method }, customer, request);
    await this.http({ what: `The customer pays order ${order.number} with ${method}`, call }, crash);
  }

  async cancel(order: PlacedOrder, crash?: CrashPoint): Promise<void> {
    const call = async () => {
      await this.services.cancels.cancelOrder(order.id, customer);
      return undefined as unknown as Answer;
    };
    await this.http({ what: `The customer cancels order ${order.number}`, call }, crash);
  }

  /** @param share of the total; everything that is left when left out */
  async refund(order: PlacedOrder, share: number | undefined, crash?: CrashPoint): Promise<void> {
    const payment = this.paymentOf(order.id)!;
    const amount = share === undefined ? undefined : { amountMinor: Math.ceil(order.total * share), currency: 'EUR' };
    const request = requestOf(`/payments/${payment.id}/refunds`);
    const call = () => this.services.refunds.requestRefund(payment.id, { ...(amount && { amount }) }, request);
    const what = `An operator gives back ${amount ? `${amount.amountMinor} of` : 'all that is left of'} the ${order.total} of order ${order.number}`;
    await this.http({ what, call }, crash);
  }

  async callAgain({ what, call }: HttpCall): Promise<void> {
    await this.http({ what: `${what}, once more with the same key`, call });
  }

  private async http(call: HttpCall, crash?: CrashPoint): Promise<Answer | undefined> {
    this.calls.push(call);
    const ends = crash === undefined ? '' : `; the service dies ${crash}, and the request is sent again`;
    this.tell(`${call.what}${ends}`);
    try {
      return await planned({ crash }, call.call);
    } catch (error) {
      if (error instanceof Crash) return this.callOnce(call);
      return this.refused(error);
    }
  }

  private async callOnce({ call }: HttpCall): Promise<Answer | undefined> {
    try {
      return await call();
    } catch (error) {
      return this.refused(error);
    }
  }

  private refused(error: unknown): undefined {
    if (!(error instanceof Problem)) throw unexpected('a request', error);
    this.tell(`  (refused: ${error.slug})`);
  }

  // What the broker and the consumers do.

  /** Delivers messages of one queue as one batch, and has them handled to the end, or until the consumer dies. */
  async deliver(letters: readonly Letter[], weather: readonly Weather[] = [], death: Death = 'nowhere'): Promise<void> {
    const [{ queue }] = letters as [Letter];
    const consumer = this.services.consumers[queue];
    const what = letters.map((letter) => this.describe(letter)).join(' together with ');
    this.tell(`${what} is delivered${death === 'nowhere' ? '' : `; its consumer dies ${wordsFor(death, consumer)}`}`);
    if (consumer.kind === 'batch') return this.handle(consumer, letters, death);
    const questions = await this.intend(letters, death === 'intending' || death === 'intended' ? crashOf(death) : undefined);
    if (!questions) return;
    for (const question of questions) await this.ask(question, weather);
    if (death === 'asked') return this.comeAgain(questions);
    const answered = questions.filter(({ answer }) => answer);
    if (answered.length > 0) await this.record(answered, death === 'recording' || death === 'recorded' ? crashOf(death) : undefined);
  }

  /** As `BatchConsumer` does. */
  private async handle(consumer: Extract<Consumer, { kind: 'batch' }>, letters: readonly Letter[], death: Death): Promise<void> {
    const { transactions, handle } = consumer;
    const work = () =>
      handleOnce(transactions, letters[0]!.queue, letters, (fresh, tx) =>
        handle(
          fresh.map(({ message }) => message),
          tx,
        ),
      );
    try {
      await planned({ crash: death === 'nowhere' ? undefined : crashOf(death) }, work);
    } catch (error) {
      if (error instanceof Crash) return;
      if (letters.length === 1) return this.failed(letters[0]!, error);
      for (const letter of letters) await this.handle(consumer, [letter], 'nowhere');
      return;
    }
    for (const letter of letters) this.network.remove(letter);
  }

  /** Delivers messages until their intents are committed; undefined when that failed. The questions are in hand then. */
  async intend(letters: readonly Letter[], crash?: CrashPoint): Promise<Question[] | undefined> {
    const [{ queue }] = letters as [Letter];
    const consumer = this.services.consumers[queue];
    if (consumer.kind !== 'asking') throw new Error(`${queue} asks nobody`);
    const { transactions, handler } = consumer;
    const messages = letters.map(({ message }) => message);
    try {
      const work = () => intendOnce(transactions, queue, messages, (fresh, tx) => handler.intend(fresh, tx));
      const { intents } = await planned({ crash }, work);
      const questions = letters.flatMap((letter) =>
        intents.has(letter.message) ? [{ letter, intent: intents.get(letter.message) } satisfies Question] : [],
      );
      for (const letter of letters) this.network.remove(letter);
      this.inHand.push(...questions);
      return questions;
    } catch (error) {
      if (error instanceof Crash) return undefined;
      if (letters.length === 1) return this.failed(letters[0]!, error);
      const questions: Question[] = [];
      for (const letter of letters) questions.push(...((await this.intend([letter])) ?? []));
      return questions;
    }
  }

  /** Asks the provider. A question that it was too far away for stays in hand. */
  async ask(question: Question, weather: readonly Weather[]): Promise<void> {
    const { letter, intent } = question;
    const consumer = this.services.consumers[letter.queue] as Extract<Consumer, { kind: 'asking' }>;
    this.provider.weather = [...weather];
    this.provider.done.splice(0);
    try {
      question.answer = { value: await consumer.handler.ask(intent, letter.message) };
    } catch (error) {
      if (!(error instanceof DependencyAway)) throw unexpected(`asking for ${this.describe(letter)}`, error);
    } finally {
      this.provider.weather = [];
    }
    const heard = question.answer ? JSON.stringify(question.answer.value) : 'that the provider is away';
    this.tell(
      `  (for ${letter.message.type} of ${this.numberOf(letter.message.subject)} the provider: ${this.provider.done.join(', ')}; we hear ${heard})`,
    );
  }

  /** A question has waited for its turn, or for a provider that was away. */
  wait({ intent }: Question): void {
    const waiting = intent as { intendedAt?: number };
    if (waiting.intendedAt !== undefined) waiting.intendedAt -= 10_000;
  }

  /** Commits what the provider has answered. */
  async record(questions: readonly Question[], crash?: CrashPoint): Promise<void> {
    const { queue } = questions[0]!.letter;
    const { transactions, handler } = this.services.consumers[queue] as Extract<Consumer, { kind: 'asking' }>;
    const answered = questions.map(({ letter, intent, answer }) => ({ message: letter.message, intent, answer: answer!.value }));
    try {
      await planned({ crash }, () => handleOnce(transactions, queue, answered, (fresh, tx) => handler.record(fresh, tx)));
    } catch (error) {
      if (error instanceof Crash) return this.comeAgain(questions);
      if (questions.length === 1) {
        this.comeAgain(questions);
        return this.failed(questions[0]!.letter, error);
      }
      for (const question of questions) await this.record([question]);
      return;
    }
    this.letGo(questions);
  }

  /** The consumer has lost them, so the broker delivers them again. */
  comeAgain(questions: readonly Question[]): void {
    this.letGo(questions);
    for (const { letter } of questions) this.network.bag.push(letter);
  }

  private letGo(questions: readonly Question[]): void {
    for (const question of questions) {
      const place = this.inHand.indexOf(question);
      if (place !== -1) this.inHand.splice(place, 1);
    }
  }

  /** What failed alone waits for its next try, unless it is one that can never succeed. */
  private failed(letter: Letter, error: unknown): undefined {
    const what = this.describe(letter);
    holds('no message becomes a dead letter', !(error instanceof PermanentFailure), () => `${what}: ${String(error)}`);
    // What handlers throw by intent has no class of its own.
    if (!(error instanceof Error) || error.constructor !== Error) throw unexpected(what, error);
    letter.failures += 1;
    this.tell(`  (fails and comes again: ${error.message})`);
  }

  // What the provider does unasked.

  /** @returns whether we have taken it */
  async takeMail(mail: Mail, crash?: CrashPoint): Promise<boolean> {
    const ends = crash === undefined ? '' : `; the service dies ${crash}, so it will be sent again`;
    this.tell(`The provider tells us of ${mail.type} about ${this.numberOf(mail.about)}${ends}`);
    const before = this.paymentOf(mail.about)?.status;
    const { webhook } = this.services;
    try {
      await planned({ crash }, () => webhook.receive(Buffer.from(mail.body), this.provider.sign(mail.body)));
    } catch (error) {
      if (!(error instanceof Crash)) throw unexpected(`news of ${mail.type}`, error);
      if (crash === 'after the commit') {
        if (!this.seenEvents.has(mail.id)) this.takenUnheard.add(mail.id);
        this.taken(mail, before);
      }
      return false;
    }
    const outcomes = this.services.eventOutcomes.get(mail.id)!.filter((outcome) => outcome !== 'duplicate');
    const times = outcomes.length + (this.takenUnheard.has(mail.id) ? 1 : 0);
    holds('an event of the provider is taken once', times <= 1, () => `${mail.type} was taken ${times} times`);
    this.taken(mail, before);
    return true;
  }

  /** A capture after all is fine where we had closed the payment, since the money goes back; else a person is needed. */
  private taken(mail: Mail, before: string | undefined): void {
    if (mail.mustArrive && !this.seenEvents.has(mail.id) && before !== 'voided') this.contradicted.add(mail.about);
    this.seenEvents.add(mail.id);
  }

  /** Lets time pass for the databases and the provider. Whatever a consumer had in hand has come to nothing by then. */
  async pass(hours: number): Promise<void> {
    this.comeAgain([...this.inHand]);
    this.provider.pass(hours);
    const ids = this.orders.map(({ id }) => id);
    const ago = `- interval '${hours} hours'`;
    const mine = 'payment_id IN (SELECT id FROM payments WHERE order_id = ANY($1::uuid[]))';
    await this.services.orders.query(
      `UPDATE orders SET placed_at = placed_at ${ago}, payment_deadline = payment_deadline ${ago} WHERE id = ANY($1::uuid[])`,
      [ids],
    );
    await this.services.payments.query(
      `UPDATE attempts SET at = at ${ago}, asked_at = asked_at ${ago}, reconcile_at = reconcile_at ${ago} WHERE ${mine}`,
      [ids],
    );
    await this.services.payments.query(
      `UPDATE refunds SET at = at ${ago}, asked_at = asked_at ${ago}, retry_at = retry_at ${ago} WHERE ${mine}`,
      [ids],
    );
    const past: { id: string }[] = await this.services.orders.query(
      'SELECT id FROM orders WHERE id = ANY($1::uuid[]) AND payment_deadline <= clock_timestamp()',
      [ids],
    );
    for (const { id } of past) this.orders.find((order) => order.id === id)!.deadlineIsPast = true;
  }

  async reachDeadline(order: PlacedOrder): Promise<void> {
    await this.services.orders.query(`UPDATE orders SET payment_deadline = now() - interval '1 second' WHERE id = $1`, [order.id]);
    order.deadlineIsPast = true;
  }

  /** Has both services look for what nobody looks after. */
  async sweep(): Promise<void> {
    try {
      await this.services.overdueOrders.sweep();
      await this.services.unsettledPayments.sweep();
    } catch (error) {
      throw unexpected('a sweeper', error);
    }
  }
}

function requestOf(path: string): IdempotentRequest {
  return { scope: 'customer:alice', method: 'POST', path, key: randomUUID(), fingerprint: '' };
}

function crashOf(death: Exclude<Death, 'nowhere'>): CrashPoint {
  return death === 'intended' || death === 'recorded' ? 'after the commit' : 'before the commit';
}

function wordsFor(death: Exclude<Death, 'nowhere'>, { kind }: Consumer): string {
  if (kind === 'batch') return crashOf(death);
  const words = {
    intending: 'before the intent is committed',
    intended: 'after the intent is committed',
    asked: 'between the answer and its record',
    recording: 'before the outcome is committed',
    recorded: 'after the outcome is committed',
  };
  return words[death];
}

export function unexpected(what: string, error: unknown): Violation {
  if (error instanceof Violation) return error;
  const { code } = (error as { driverError?: { code?: string } }).driverError ?? {};
  const detail = error instanceof Error ? `${error.name}${code === undefined ? '' : ` ${code}`}: ${error.message}` : String(error);
  return new Violation('nothing fails unexpectedly', `${what}: ${detail}`);
}
