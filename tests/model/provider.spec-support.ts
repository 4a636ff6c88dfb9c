import { createHmac } from 'node:crypto';

/** What happens to one question on its way to the provider and back. */
export const weathers = [
  'fine',
  'answer lost',
  'question lost',
  'question late',
  'away',
  'busy',
  'an error after it was done',
  'an error and nothing done',
  'slow',
] as const;
export type Weather = (typeof weathers)[number];

/** How a payment method of the provider's behaves. */
export const paymentMethods = {
  approves: 'pm_approves',
  declines: 'pm_declines',
  waitsForItsOwner: 'pm_waits',
  capturesAnotherAmount: 'pm_lies',
  capturesAfterDeclining: 'pm_regrets',
} as const;

export interface Intent {
  readonly id: string;
  readonly amount: number;
  readonly currency: string;
  readonly method: string | undefined;
  readonly metadata: Readonly<Record<string, string>>;
  status: 'requires_payment_method' | 'requires_action' | 'processing' | 'succeeded' | 'canceled';
  received: number;
  declineCode?: string;
  searchable: boolean;
}

export interface Refund {
  readonly id: string;
  readonly intent: string;
  readonly amount: number;
  readonly currency: string;
  readonly metadata: Readonly<Record<string, string>>;
  status: 'pending' | 'succeeded' | 'failed';
}

/** News on its way to our webhook. */
export interface Mail {
  readonly id: string;
  readonly about: string;
  readonly type: string;
  readonly body: string;
  /** Nobody asks about it any more, so it is the only way to hear of it; the provider repeats it until it is taken. */
  readonly mustArrive: boolean;
}

interface Question {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly form: string;
  readonly key: string | undefined;
}

interface Reply {
  readonly status: number;
  readonly body: object;
}

interface Stored {
  readonly form: string;
  readonly reply: Reply;
  /** By the model's clock. */
  atHours: number;
}

export const webhookSecret = 'whsec_of_the_model';
const keyLifetimeHours = 24;

/** A provider that speaks as much of Stripe's wire as we use, with books of its own and an idempotency store like Stripe's. */
export class Provider {
  readonly intents = new Map<string, Intent>();
  readonly refunds = new Map<string, Refund>();
  readonly mail: Mail[] = [];
  /** Questions whose asker has given up, and that may still arrive. */
  readonly late: Question[] = [];
  /** What comes over the next questions, one after another. Then it is fine. */
  weather: Weather[] = [];
  searchLags = false;
  /** What was done about the questions since it was last emptied, in words. */
  readonly done: string[] = [];
  private readonly keys = new Map<string, Stored>();
  private hours = 0;
  private names = 0;

  /** @param token makes its names differ from those of other providers */
  constructor(private readonly token: string) {}

  /** In the place of `fetch`. */
  readonly fetch = async (url: string | URL | Request, init: RequestInit = {}): Promise<Response> => {
    const { pathname, searchParams } = new URL(url instanceof Request ? url.url : url);
    const form = typeof init.body === 'string' ? init.body : '';
    const key = new Headers(init.headers).get('idempotency-key') ?? undefined;
    const question: Question = { method: init.method ?? 'GET', path: pathname, query: searchParams, form, key };
    const weather = this.weather.shift() ?? 'fine';
    if (weather !== 'fine') this.done.push(weather);
    switch (weather) {
      case 'away':
        throw lost({ code: 'ECONNREFUSED', syscall: 'connect' });
      case 'busy':
        return responseOf({ status: 429, body: { error: { type: 'invalid_request_error', code: 'rate_limit' } } });
      case 'question late':
        if (question.method === 'POST' && key !== undefined) this.late.push(question);
        throw lost({ code: 'ECONNRESET' });
      case 'question lost':
        throw lost({ code: 'ECONNRESET' });
      case 'answer lost':
        this.answer(question);
        throw lost({ code: 'ECONNRESET' });
      case 'an error after it was done':
        return responseOf(this.answer(question, { stores: failure }));
      case 'an error and nothing done':
        return responseOf(this.answer(question, { stores: failure, does: false }));
      case 'slow':
        return responseOf(this.answer(question, { slow: true }));
      case 'fine':
        return responseOf(this.answer(question));
    }
  };

  /** A question arrives whose asker has given up long ago. */
  arriveLate(question: Question): void {
    this.late.splice(this.late.indexOf(question), 1);
    this.answer(question);
  }

  /** Whether a question that is still on its way could capture. */
  mayStillCapture(attemptId: string): boolean {
    return this.late.some(
      ({ form, key }) =>
        new URLSearchParams(form).get('metadata[attempt_id]') === attemptId &&
        new URLSearchParams(form).has('confirm') &&
        !this.keys.has(key!),
    );
  }

  get undecided(): (Intent | Refund)[] {
    return [
      ...[...this.intents.values()].filter(({ status }) => status === 'processing' || status === 'requires_action'),
      ...[...this.refunds.values()].filter(({ status }) => status === 'pending'),
    ];
  }

  /** What it has declined and may still capture, against all rules. */
  get regrettable(): Intent[] {
    return [...this.intents.values()].filter(
      ({ method, declineCode }) => method === paymentMethods.capturesAfterDeclining && declineCode !== undefined,
    );
  }

  /** Decides what it has left open. */
  decide(open: Intent | Refund, well: boolean): void {
    if ('intent' in open) {
      open.status = well ? 'succeeded' : 'failed';
      this.tell(open, well ? 'refund.updated' : 'refund.failed');
    } else this.conclude(open, well);
  }

  /** Captures what it has declined. */
  regret(intent: Intent): void {
    delete intent.declineCode;
    this.conclude(intent, true, true);
  }

  /** So much time passes; keys are forgotten, and no question travels for a day. */
  pass(hours: number): void {
    this.hours += hours;
    for (const [key, { atHours }] of this.keys) if (this.hours - atHours >= keyLifetimeHours) this.keys.delete(key);
    if (hours >= keyLifetimeHours) this.late.splice(0);
    for (const intent of this.intents.values()) intent.searchable = true;
  }

  catchUpSearch(): void {
    this.searchLags = false;
    for (const intent of this.intents.values()) intent.searchable = true;
  }

  /** What a post of this news to our webhook looks like. */
  sign(body: string): string {
    const seconds = Math.floor(Date.now() / 1000);
    return `t=${seconds},v1=${createHmac('sha256', webhookSecret).update(`${seconds}.${body}`).digest('hex')}`;
  }

  /** Any result of a question with a key is kept and given again, as https://docs.stripe.com/api/idempotent_requests has it. */
  private answer(question: Question, how: { stores?: Reply; does?: boolean; slow?: boolean } = {}): Reply {
    const { key, form } = question;
    const stored = key === undefined ? undefined : this.keys.get(key);
    if (stored) return stored.form === form ? stored.reply : refusal('idempotency_error', 'idempotency_key_reused');
    const reply = how.does === false ? failure : this.route(question, how.slow ?? false);
    const given = how.stores ?? reply;
    if (key !== undefined) this.keys.set(key, { form, reply: given, atHours: this.hours });
    return given;
  }

  private route({ method, path, query, form }: Question, slow: boolean): Reply {
    const [, , what = '', id = '', action] = path.split('/');
    const fields = new URLSearchParams(form);
    if (what === 'refunds') return method === 'POST' ? this.refund(fields, slow) : this.listRefunds(query.get('payment_intent') ?? '');
    if (what !== 'payment_intents') return notFound;
    if (method === 'POST' && id === '') return this.take(fields, slow);
    if (id === 'search') return this.search(query.get('query') ?? '');
    const intent = this.intents.get(id);
    if (!intent) return notFound;
    if (action !== 'cancel') return { status: 200, body: intentBody(intent) };
    // What a bank is working on cannot be cancelled any more. https://docs.stripe.com/api/payment_intents/cancel
    if (intent.status === 'succeeded' || intent.status === 'canceled' || intent.status === 'processing')
      return refusal('invalid_request_error', 'payment_intent_unexpected_state');
    intent.status = 'canceled';
    this.done.push('cancels');
    this.tell(intent, 'payment_intent.canceled');
    return { status: 200, body: intentBody(intent) };
  }

  private take(fields: URLSearchParams, slow: boolean): Reply {
    const method = fields.get('payment_method') ?? undefined;
    const intent: Intent = {
      id: this.name('pi'),
      amount: Number(fields.get('amount')),
      currency: fields.get('currency') ?? '',
      method,
      metadata: metadataOf(fields),
      status: 'requires_payment_method',
      received: 0,
      searchable: !this.searchLags,
    };
    this.intents.set(intent.id, intent);
    if (fields.get('confirm') !== 'true') this.done.push('notes an intent without confirming it');
    else if (slow || method === paymentMethods.waitsForItsOwner) {
      intent.status = slow ? 'processing' : 'requires_action';
      this.done.push('leaves it open');
      if (slow) this.tell(intent, 'payment_intent.processing');
    } else this.conclude(intent, method !== paymentMethods.declines && method !== paymentMethods.capturesAfterDeclining);
    if (!intent.declineCode) return { status: 200, body: intentBody(intent) };
    const error = { type: 'card_error', code: 'card_declined', decline_code: intent.declineCode, payment_intent: intentBody(intent) };
    return { status: 402, body: { error } };
  }

  private conclude(intent: Intent, well: boolean, mustArrive = false): void {
    if (well) {
      intent.status = 'succeeded';
      intent.received = intent.method === paymentMethods.capturesAnotherAmount ? intent.amount - 1 : intent.amount;
      this.done.push('captures');
      this.tell(intent, 'payment_intent.succeeded', mustArrive);
    } else {
      intent.status = 'requires_payment_method';
      intent.declineCode = 'insufficient_funds';
      this.done.push('declines');
      this.tell(intent, 'payment_intent.payment_failed');
    }
  }

  private search(query: string): Reply {
    const [, attemptId] = /^metadata\['attempt_id'\]:'(.+)'$/.exec(query) ?? [];
    const found = [...this.intents.values()].filter(({ searchable, metadata }) => searchable && metadata['attempt_id'] === attemptId);
    this.done.push(found.length > 0 ? 'finds it' : 'finds nothing');
    return { status: 200, body: { object: 'search_result', data: found.map(intentBody), has_more: false } };
  }

  private refund(fields: URLSearchParams, slow: boolean): Reply {
    const intent = this.intents.get(fields.get('payment_intent') ?? '');
    if (intent?.status !== 'succeeded') return refusal('invalid_request_error', 'resource_missing');
    const amount = Number(fields.get('amount'));
    if (amount > this.heldOf(intent)) return refusal('invalid_request_error', 'charge_already_refunded');
    const refund: Refund = {
      id: this.name('re'),
      intent: intent.id,
      amount,
      currency: intent.currency,
      metadata: metadataOf(fields),
      status: slow ? 'pending' : 'succeeded',
    };
    this.refunds.set(refund.id, refund);
    this.done.push(slow ? 'begins to give back' : 'gives back');
    this.tell(refund, 'refund.created');
    return { status: 200, body: refundBody(refund) };
  }

  private listRefunds(intent: string): Reply {
    const data = [...this.refunds.values()].filter((refund) => refund.intent === intent).map(refundBody);
    return { status: 200, body: { object: 'list', data, has_more: false } };
  }

  /** What it still has of a capture, in minor units. */
  heldOf(intent: Intent): number {
    let held = intent.received;
    for (const refund of this.refunds.values()) if (refund.intent === intent.id && refund.status !== 'failed') held -= refund.amount;
    return held;
  }

  private tell(about: Intent | Refund, type: string, mustArrive = false): void {
    const id = this.name('evt');
    const object = 'intent' in about ? refundBody(about) : intentBody(about);
    const body = JSON.stringify({ id, object: 'event', created: Math.floor(Date.now() / 1000), type, data: { object } });
    this.mail.push({ id, about: about.metadata['order_id'] ?? '', type, body, mustArrive });
  }

  private name(prefix: string): string {
    this.names += 1;
    return `${prefix}_${this.token}_${this.names}`;
  }
}

const failure: Reply = { status: 500, body: { error: { type: 'api_error' } } };
const notFound: Reply = { status: 404, body: { error: { type: 'invalid_request_error', code: 'resource_missing' } } };
const refusal = (type: string, code: string): Reply => ({ status: 400, body: { error: { type, code } } });

const responseOf = ({ status, body }: Reply): Response => Response.json(body, { status });

const lost = (cause: object): TypeError => new TypeError('fetch failed', { cause });

function metadataOf(fields: URLSearchParams): Record<string, string> {
  return Object.fromEntries(
    [...fields].flatMap(([name, value]) => {
      const [, key] = /^metadata\[(\w+)\]$/.exec(name) ?? [];
      return key === undefined ? [] : [[key, value]];
    }),
  );
}

/** https://docs.stripe.com/api/payment_intents/object */
function intentBody({ id, status, amount, received, currency, metadata, declineCode }: Intent): object {
  const failed = declineCode === undefined ? null : { code: 'card_declined', decline_code: declineCode };
  return { id, object: 'payment_intent', status, amount, amount_received: received, currency, metadata, last_payment_error: failed };
}

/** https://docs.stripe.com/api/refunds/object */
function refundBody({ id, status, amount, currency, intent, metadata }: Refund): object {
  return { id, object: 'refund', status, amount, currency, payment_intent: intent, metadata };
}
