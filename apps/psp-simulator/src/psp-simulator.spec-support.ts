import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { NestFactory } from '@nestjs/core';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { Stripe } from 'stripe';
import { DataSource } from 'typeorm';
import { parseConfig } from '#libs/service';
import { asOperator, emptyDatabase, eventually, callersEnvironment } from '#libs/testing';
import { simulatorConfig } from './config.js';
import { PspSimulatorModule } from './psp-simulator.module.js';
import { stripeSurface } from './wire/stripe-surface.js';

export const apiKey = 'sk_test_of_specs';
export const webhookSecret = 'whsec_of_specs';

/** A webhook as it arrived. */
export interface Received {
  readonly event: Stripe.Event;
  readonly body: string;
  readonly signature: string;
  /** When it came, on the clock of `performance`. */
  readonly at: number;
}

/** Somebody who receives webhooks, and answers with the status that is wanted. */
export class Receiver {
  readonly received: Received[] = [];
  /** What it answers; by default 200. */
  answer: (webhook: Received) => number | Promise<number> = () => 200;

  private constructor(private readonly server: Server) {}

  static async start(): Promise<Receiver> {
    const server = createServer();
    const receiver = new Receiver(server);
    server.on('request', (request, response) => {
      let body = '';
      request.setEncoding('utf8').on('data', (chunk: string) => (body += chunk));
      request.on('end', () => {
        const event = JSON.parse(body) as Stripe.Event;
        const webhook = { event, body, signature: String(request.headers['stripe-signature']), at: performance.now() };
        receiver.received.push(webhook);
        void Promise.resolve(receiver.answer(webhook)).then((status) => response.writeHead(status).end());
      });
    });
    server.listen({ port: 0, host: '127.0.0.1' });
    await once(server, 'listening');
    return receiver;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}/webhooks/psp`;
  }

  /** What came about an attempt, as it came. */
  about(attemptId: string): Received[] {
    return this.received.filter(({ event }) => (event.data.object as Stripe.PaymentIntent).metadata?.['attempt_id'] === attemptId);
  }

  typesAbout(attemptId: string): string[] {
    return this.about(attemptId).map(({ event }) => event.type);
  }

  async close(): Promise<void> {
    this.server.closeAllConnections();
    const closed = once(this.server, 'close');
    this.server.close();
    await closed;
  }
}

async function startSimulator(env: NodeJS.ProcessEnv) {
  const config = parseConfig(simulatorConfig, { env });
  const surface = stripeSurface();
  const app = await NestFactory.create<NestFastifyApplication>(PspSimulatorModule.with(config), surface.adapter, {
    logger: false,
    abortOnError: false,
  });
  await surface.prepare(app);
  await app.listen({ port: config.HTTP_PORT, host: '127.0.0.1' });
  return { app, port: (app.getHttpServer().address() as AddressInfo).port };
}

/** The simulator in this process on a database of its own, with its webhooks received here, and the official client of Stripe. */
export async function simulatorFixture(env: NodeJS.ProcessEnv = {}) {
  const [database, receiver] = await Promise.all([emptyDatabase('psp_simulator'), Receiver.start()]);
  const environment = {
    ...callersEnvironment(),
    DATABASE_URL: database.url,
    HTTP_PORT: '0',
    API_KEY: apiKey,
    WEBHOOK_URL: receiver.url,
    WEBHOOK_SECRET: webhookSecret,
    WEBHOOK_FIRST_PAUSE_MS: '50',
    WEBHOOK_LATE_MS: '400',
    SLOW_CARD_MS: '400',
    PROCESSING_MS: '300',
    FAULTS_ENABLED: 'true',
    ...env,
  };
  let running = await startSimulator(environment);
  const baseUrl = `http://127.0.0.1:${running.port}`;
  const client = (key = apiKey, options: { timeout?: number } = {}) =>
    new Stripe(key, {
      host: '127.0.0.1',
      port: running.port,
      protocol: 'http',
      maxNetworkRetries: 0,
      telemetry: false,
      // Its client over node:http asks a second time when a connection is lost, whatever maxNetworkRetries says.
      httpClient: Stripe.createFetchHttpClient(),
      ...options,
    });
  const stripe = client();

  function captureParameters(method: string, attemptId: string, amount = 2598): Stripe.PaymentIntentCreateParams {
    return {
      amount,
      currency: 'eur',
      payment_method: method,
      confirm: true,
      automatic_payment_methods: { enabled: true, allow_redirects: 'never' },
      metadata: { attempt_id: attemptId, order_id: randomUUID() },
    };
  }

  return {
    baseUrl,
    stripe,
    /** One that gives up soon. */
    hasty: client(apiKey, { timeout: 250 }),
    client,
    receiver,
    database,
    captureParameters,

    /** Asks for a payment; the same parameters again with the same attempt are the same question. */
    capture(method: string, attemptId: string = randomUUID(), by = stripe): Promise<Stripe.Response<Stripe.PaymentIntent>> {
      const parameters = { ...captureParameters(method, attemptId), metadata: { attempt_id: attemptId } };
      return by.paymentIntents.create(parameters, { idempotencyKey: attemptId });
    },

    rows<Row>(sql: string, parameters: unknown[] = []): Promise<Row[]> {
      return running.app.get(DataSource).query(sql, parameters);
    },

    /** What the books say of an attempt, once they do. */
    booked(attemptId: string): Promise<{ status: string; received: number; times: number }> {
      return eventually(async () => {
        const [row] = await running.app
          .get(DataSource)
          .query(
            `SELECT status, amount_received_minor AS received, (count(*) OVER ())::int AS times FROM payment_intents WHERE metadata->>'attempt_id' = $1`,
            [attemptId],
          );
        if (!row) throw new Error('nothing is booked');
        return row;
      });
    },

    async control(
      method: 'GET' | 'PUT' | 'POST',
      path: string,
      body?: unknown,
      caller: Readonly<Record<string, string>> = asOperator('olga'),
    ): Promise<{ status: number; body: Record<string, unknown> }> {
      const response = await fetch(`${baseUrl}${path}`, {
        method,
        headers: { ...caller, ...(body !== undefined && { 'content-type': 'application/json' }) },
        ...(body !== undefined && { body: JSON.stringify(body) }),
      });
      return { status: response.status, body: (await response.json()) as Record<string, unknown> };
    },

    /** Stops it in good order and starts it again on the same port. */
    async restart(other: NodeJS.ProcessEnv = {}, meanwhile: () => unknown = () => {}): Promise<void> {
      const port = String(running.port);
      await running.app.close();
      await meanwhile();
      running = await startSimulator({ ...environment, ...other, HTTP_PORT: port });
    },

    async close(): Promise<void> {
      await running.app.close();
      await receiver.close();
      await database.drop();
    },
  };
}

export type SimulatorFixture = Awaited<ReturnType<typeof simulatorFixture>>;

/** A header of the answer that an object came with. */
export function headerOf(object: Stripe.Response<unknown>, name: string): string | null {
  // With this client it is what fetch has, whatever the type says.
  return (object.lastResponse.headers as unknown as Headers).get(name);
}

/** The error that a call to Stripe ends with. */
export async function refusal(call: Promise<unknown>): Promise<Stripe.errors.StripeError> {
  const outcome = await call.then(
    () => new Error('it was not refused'),
    (error: unknown) => error,
  );
  if (outcome instanceof Stripe.errors.StripeError) return outcome;
  throw outcome;
}
