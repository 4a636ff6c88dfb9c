import createClient, { type Client } from 'openapi-fetch';
import type { components as ConsoleComponents, paths as ConsolePaths } from './console.api.js';
import type { components as NotificationComponents, paths as NotificationPaths } from './notification.api.js';
import type { components as OrderComponents, paths as OrderPaths } from './order.api.js';
import type { components as PaymentComponents, paths as PaymentPaths } from './payment.api.js';

export type Order = OrderComponents['schemas']['Order'];
export type NewOrder = OrderComponents['schemas']['PlaceOrder'];
export type OrderWithHistory = OrderComponents['schemas']['ExpandedOrder'];
export type Payment = PaymentComponents['schemas']['Payment'];
export type Notification = NotificationComponents['schemas']['Notification'];
export type DeadLetter = ConsoleComponents['schemas']['DeadLetter'];
export type Problem = OrderComponents['schemas']['Problem'];

/** Where a service is, and who calls it. */
export interface ClientOptions {
  readonly baseUrl: string;
  /** A bearer token; left out, only what is open to everybody can be called. */
  readonly token?: string;
  /** How long a whole answer may take, in milliseconds: 10 000 when left out, as a payment that is about to be opened is waited for. */
  readonly timeoutMs?: number;
}

/** Calls the order service, with paths, parameters, bodies and answers as its OpenAPI document has them. */
export const orderClient = (options: ClientOptions): Client<OrderPaths> => createClient<OrderPaths>(settings(options));
/** Calls the payment service: see {@link orderClient}. */
export const paymentClient = (options: ClientOptions): Client<PaymentPaths> => createClient<PaymentPaths>(settings(options));
/** Calls the notification service: see {@link orderClient}. */
export const notificationClient = (options: ClientOptions): Client<NotificationPaths> => createClient<NotificationPaths>(settings(options));
/** Calls the console: see {@link orderClient}. */
export const consoleClient = (options: ClientOptions): Client<ConsolePaths> => createClient<ConsolePaths>(settings(options));

function settings({ baseUrl, token, timeoutMs = 10_000 }: ClientOptions) {
  return {
    baseUrl,
    ...(token !== undefined && { headers: { authorization: `Bearer ${token}` } }),
    fetch: async (request: Request): Promise<Response> => {
      const call = `${request.method} ${new URL(request.url).pathname}`;
      return fetch(request, { signal: AbortSignal.timeout(timeoutMs) }).catch((error: Error) => {
        throw new Error(`${baseUrl} does not answer ${call}: ${error.message}`, { cause: error });
      });
    },
  };
}

/** A service has answered with a problem. */
export class Refused extends Error {
  override readonly name = 'Refused';

  constructor(
    readonly status: number,
    call: string,
    /** RFC 9457; undefined when something else than the service has answered. */
    readonly problem: Problem | undefined,
  ) {
    super(`${call} answers ${status}: ${problem ? `${problem.type}, ${problem.detail}` : 'not with a problem'}`);
  }
}

/**
 * What a call of a client has brought.
 * @throws Refused where it is a problem
 */
export async function answerTo<Body>(call: Promise<{ data?: Body; error?: unknown; response: Response }>): Promise<Body> {
  const { data, error, response } = await call;
  if (response.ok) return data as Body;
  const problem = isProblem(error) ? error : undefined;
  throw new Refused(response.status, new URL(response.url).pathname, problem);
}

function isProblem(error: unknown): error is Problem {
  return typeof error === 'object' && error !== null && 'type' in error && 'detail' in error;
}
