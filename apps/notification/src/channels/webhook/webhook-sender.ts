import { request as requestHttp, type IncomingMessage, type RequestOptions } from 'node:http';
import { request as requestHttps } from 'node:https';
import { isIP, type LookupFunction } from 'node:net';
import { Webhook } from 'standardwebhooks';
import { inSpan } from '#libs/service';
import { webhookSeconds } from '../../metrics.js';
import { maySendTo } from './address-rules.js';
import { literalAddress, urlFault, type UrlRules } from './endpoint-url.js';
import type { TryError, TryResult } from './next-step.js';
import type { ResolveName } from './resolve-name.js';

/** One delivery, ready to go. */
export interface SignedDelivery {
  /** The same for each try: the receiver knows a repeat by it. */
  readonly id: string;
  readonly url: string;
  readonly secret: string;
  readonly payload: string;
}

interface SenderOptions extends UrlRules {
  readonly timeoutMs: number;
  readonly resolve: ResolveName;
}

/** Headers of an answer past this are an attack. */
const mostHeaderBytes = 16_384;

/** So much of an answer's body is read, so that the receiver can finish it, and thrown away. */
const mostBodyBytes = 65_536;

/** Why nothing was sent. */
class Refused extends Error {
  constructor(readonly reason: TryError) {
    super(reason);
  }
}

/**
 * Sends deliveries to addresses that strangers have chosen. A name is resolved once, every address that it has must be one that may be
 * sent to, and the connection is made to those very addresses: what the name resolves to a moment later changes nothing.
 */
export class WebhookSender {
  constructor(private readonly options: SenderOptions) {}

  get timeoutMs(): number {
    return this.options.timeoutMs;
  }

  /** One try. Never throws: that a receiver fails is a result. */
  send(delivery: SignedDelivery): Promise<TryResult> {
    return inSpan({ name: 'webhook send', kind: 'client' }, async () => {
      const at = new Date();
      const began = performance.now();
      const answer = await this.post(delivery, at).then(
        (answerStatus) => ({ answerStatus }),
        (error: unknown) => ({ error: reasonOf(error) }),
      );
      const durationMs = Math.round(performance.now() - began);
      const answered = 'answerStatus' in answer ? `${Math.trunc(answer.answerStatus / 100)}xx` : answer.error;
      webhookSeconds.observe({ answer: answered }, durationMs / 1000);
      return { at, durationMs, ...answer };
    });
  }

  private async post({ id, url: text, secret, payload }: SignedDelivery, at: Date): Promise<number> {
    const { timeoutMs } = this.options;
    // The rules may have become stricter since it was registered.
    const fault = urlFault(text, this.options);
    if (fault) throw new Refused(fault.code === 'address-refused' ? 'address-refused' : 'url-refused');
    const url = new URL(text);
    const signal = AbortSignal.timeout(timeoutMs);
    const addresses = await beforeAborted(this.addressesOf(url), signal);
    const body = Buffer.from(payload);
    return exchange(
      url,
      {
        method: 'POST',
        // A connection of its own: a kept one would outlive the look at its address.
        agent: false,
        lookup: pinnedTo(addresses),
        maxHeaderSize: mostHeaderBytes,
        signal,
        headers: {
          'content-type': 'application/json',
          'content-length': body.length,
          'user-agent': 'Orderly-Webhooks/1',
          'webhook-id': id,
          'webhook-timestamp': String(Math.floor(at.getTime() / 1000)),
          'webhook-signature': new Webhook(secret).sign(id, at, payload),
        },
      },
      body,
    );
  }

  private async addressesOf(url: URL): Promise<string[]> {
    const literal = literalAddress(url);
    const addresses = literal === undefined ? await this.resolve(url.hostname) : [literal];
    if (addresses.length === 0 || !addresses.every((address) => maySendTo(address, this.options.allowed))) {
      throw new Refused('address-refused');
    }
    return addresses;
  }

  private async resolve(name: string): Promise<string[]> {
    try {
      return await this.options.resolve(name);
    } catch {
      throw new Refused('name-not-found');
    }
  }
}

/** Answers each look-up of a connection with the addresses that were looked at. */
function pinnedTo(addresses: readonly string[]): LookupFunction {
  const pinned = addresses.map((address) => ({ address, family: isIP(address) }));
  return (_name, options, done) => {
    if (options.all) done(null, pinned);
    else done(null, pinned[0]!.address, pinned[0]!.family);
  };
}

/** Resolves with the status when the head of the answer has come. Redirects are answers like any other. */
function exchange(url: URL, options: RequestOptions, body: Buffer): Promise<number> {
  return new Promise((resolve, reject) => {
    const request = (url.protocol === 'https:' ? requestHttps : requestHttp)(url, options, (answer) => {
      readAway(answer);
      resolve(answer.statusCode ?? 0);
    });
    // Also what goes wrong behind the head, which nobody waits for any more.
    request.on('error', reject);
    request.end(body);
  });
}

function readAway(answer: IncomingMessage): void {
  let bytes = 0;
  answer.on('error', () => {});
  answer.on('data', (chunk: Buffer) => {
    bytes += chunk.length;
    if (bytes > mostBodyBytes) answer.destroy();
  });
}

async function beforeAborted<Value>(work: Promise<Value>, signal: AbortSignal): Promise<Value> {
  const aborted = new Promise<never>((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true });
  });
  aborted.catch(() => {});
  return Promise.race([work, aborted]);
}

/** In a word of ours: the words of receivers stay outside of logs and lists. */
function reasonOf(error: unknown): TryError {
  if (error instanceof Refused) return error.reason;
  const { name, code = '', cause, errors } = error as Error & { code?: string; errors?: Error[] };
  if (name === 'TimeoutError' || (cause as Error | undefined)?.name === 'TimeoutError') return 'timeout';
  // Several addresses were tried.
  if (errors?.[0] && code === '') return reasonOf(errors[0]);
  if (code === 'ECONNREFUSED') return 'connection-refused';
  if (code === 'ETIMEDOUT') return 'timeout';
  if (/^(ERR_TLS_|ERR_SSL_|CERT_|UNABLE_TO_|DEPTH_ZERO_|SELF_SIGNED_|ERR_OSSL)|HOSTNAME_MISMATCH|EPROTO/.test(code)) return 'tls-failed';
  return 'connection-failed';
}
