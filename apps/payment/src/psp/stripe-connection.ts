import { bulkhead, circuitBreaker, ConsecutiveBreaker, handleWhenResult, isBrokenCircuitError, wrap } from 'cockatiel';
import { Stripe } from 'stripe';
import { DependencyAway } from '#libs/messaging';
import { type Fault, faultOf } from './stripe-answers.js';

export interface StripeOptions {
  /** Stripe's API or what speaks like it; its path is of no meaning. */
  readonly baseUrl: string;
  readonly apiKey: string;
  /** How long an answer may take, from connecting to its last byte. */
  readonly timeoutMs: number;
  /** The most questions at once; the others wait. */
  readonly concurrency: number;
  /** Hears when the circuit opens and closes. */
  readonly onCircuit?: (open: boolean) => void;
  readonly circuit?: CircuitOptions;
}

interface CircuitOptions {
  /** So many failures without an answer between them open the circuit. */
  readonly failures: number;
  /** After so long one question is let through, and decides. */
  readonly halfOpenAfterMs: number;
}

// Ten in a row: a payment that always hangs is asked about too seldom to do it alone while others are answered. Two seconds: short enough
// for payments within a customer's patience, and one question each two seconds harms nobody who is down.
const defaultCircuit: CircuitOptions = { failures: 10, halfOpenAfterMs: 2_000 };

/** What became of a question that went out: the object that answers it, or why there is none. */
export type Heard = Answered | { readonly object?: undefined; readonly fault: Exclude<Fault, { kind: 'away' }> };

/** The way to Stripe: bounded in time and number, and cut for a while when nothing comes back. It asks once; repeating is the caller's. */
export class StripeConnection {
  private readonly stripe: Stripe;
  private readonly guarded: { execute(question: () => Promise<Answer>): Promise<Answer> };
  private readonly circuit: CircuitOptions;

  constructor({ baseUrl, apiKey, timeoutMs, concurrency, onCircuit, circuit = defaultCircuit }: StripeOptions) {
    const { protocol, hostname, port } = new URL(baseUrl);
    this.stripe = new Stripe(apiKey, {
      protocol: protocol === 'https:' ? 'https' : 'http',
      host: hostname,
      port: port || (protocol === 'https:' ? 443 : 80),
      timeout: timeoutMs,
      maxNetworkRetries: 0,
      telemetry: false,
      // Its client over node:http asks a second time when a connection is lost, whatever maxNetworkRetries says, and times silence only.
      httpClient: Stripe.createFetchHttpClient(fetchObject),
    });
    this.circuit = circuit;
    const breaker = circuitBreaker(
      handleWhenResult((answer) => isAiling(answer as Answer)),
      { halfOpenAfter: circuit.halfOpenAfterMs, breaker: new ConsecutiveBreaker(circuit.failures) },
    );
    breaker.onBreak(() => onCircuit?.(true));
    breaker.onReset(() => onCircuit?.(false));
    // The breaker inside: what waited while the circuit opened must not go out.
    this.guarded = wrap(bulkhead(concurrency, Number.POSITIVE_INFINITY), breaker);
  }

  /**
   * Asks once.
   * @throws DependencyAway when the provider was certainly not asked, or turns everybody away
   */
  async ask(question: (stripe: Stripe) => Promise<unknown>): Promise<Heard> {
    const heard = await this.hear(question);
    if (heard.fault?.kind !== 'away') return heard as Heard;
    const { why, retryAfterMs } = heard.fault;
    throw new DependencyAway(`the payment provider is away: ${why}`, retryAfterMs === undefined ? {} : { retryAfterMs });
  }

  private async hear(question: (stripe: Stripe) => Promise<unknown>): Promise<Answer> {
    try {
      return await this.guarded.execute(() => this.answerTo(question));
    } catch (error) {
      if (!isBrokenCircuitError(error)) throw error;
      return { fault: { kind: 'away', why: 'circuit open', ailing: true, retryAfterMs: this.circuit.halfOpenAfterMs } };
    }
  }

  /** A fault is returned, not thrown, because the breaker takes only what is returned for a sign of life. */
  private async answerTo(question: (stripe: Stripe) => Promise<unknown>): Promise<Answer> {
    try {
      return { object: await question(this.stripe) };
    } catch (error) {
      if (error instanceof Stripe.errors.StripeError) return { fault: faultOf(error) };
      throw error;
    }
  }
}

interface Answered {
  readonly object: unknown;
  readonly fault?: undefined;
}

type Answer = Answered | { readonly object?: undefined; readonly fault: Fault };

function isAiling({ fault }: Answer): boolean {
  return (fault?.kind === 'away' || fault?.kind === 'unknown') && fault.ailing;
}

/**
 * `fetch`, but an answer that is not in Stripe's form is an error of its status. The SDK takes any JSON object without `error` for a
 * success, whatever the status, and never returns from JSON that is no object.
 */
async function fetchObject(...[url, init]: Parameters<typeof fetch>): Promise<Response> {
  const answer = await fetch(url, { ...init, redirect: 'manual' });
  const body = readObject(await answer.text());
  const fits = answer.ok ? body && !('error' in body) : typeof body?.['error'] === 'object' && body['error'] !== null;
  return Response.json(fits ? body : { error: { type: 'api_error' } }, { status: answer.status, headers: answer.headers });
}

function readObject(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}
