import type { Readable } from 'node:stream';
import type { OnApplicationShutdown } from '@nestjs/common';
import { createTransport } from 'nodemailer';
import { DependencyAway } from '#libs/messaging';
import { inSpan } from '#libs/service';
import { mails, smtpSeconds, type SendOutcome } from '../../metrics.js';

/** One mail, ready to go. */
export interface Mail {
  /** The event that it tells of; its Message-ID is made from it, so that a repeat can be recognised. */
  readonly eventId: string;
  readonly recipient: string;
  readonly subject: string;
  readonly body: string;
}

interface SmtpOptions {
  readonly url: string;
  /** The sender's address, without a name. */
  readonly from: string;
  readonly connections: number;
  /** The longest that handing over one mail may take, waiting for a free connection included. Then its connection is cut. */
  readonly timeoutMs: number;
}

/** The mail server: where mail is handed over, on connections that are kept and shared. */
export class Smtp implements OnApplicationShutdown {
  private readonly transport;
  private readonly domain: string;
  /** What goes over the wire for each sending, which its signal stands for. It is read when the server has asked for it, and not before. */
  private readonly contents = new WeakMap<AbortSignal, Readable>();

  constructor(readonly options: SmtpOptions) {
    this.domain = options.from.slice(options.from.lastIndexOf('@') + 1);
    this.transport = createTransport({
      url: options.url,
      pool: true,
      maxConnections: options.connections,
      connectionTimeout: Math.min(5_000, options.timeoutMs),
      greetingTimeout: Math.min(10_000, options.timeoutMs),
      disableFileAccess: true,
      disableUrlAccess: true,
    });
    this.transport.use('stream', ({ data, message }, done) => {
      // Called for each connection that the mail is tried on; it goes to another one only when nothing of it was read.
      message.processFunc((content) => {
        if (data.signal) this.contents.set(data.signal, content);
        return content;
      });
      done();
    });
  }

  /**
   * Hands over one mail: `sent` when the server took it, `failed` when it refused the recipient for good.
   * @throws DependencyAway when the server cannot be talked to and has nothing of the mail
   * @throws Error with the `code` and `responseCode` of nodemailer for what else may go better another time
   */
  send(mail: Mail): Promise<'sent' | 'failed'> {
    return inSpan({ name: 'smtp send', kind: 'client' }, () => this.handOver(mail));
  }

  private async handOver(mail: Mail): Promise<'sent' | 'failed'> {
    const signal = AbortSignal.timeout(this.options.timeoutMs);
    const stopTimer = smtpSeconds.startTimer();
    let outcome: SendOutcome = 'error';
    try {
      await this.transport.sendMail({
        // Addresses go in as objects: nodemailer reads a string as a list, and a customer could name other people in it.
        from: { name: '', address: this.options.from },
        to: { name: '', address: mail.recipient },
        subject: mail.subject,
        text: mail.body,
        messageId: `<${mail.eventId}.email@${this.domain}>`,
        headers: { 'Auto-Submitted': 'auto-generated' },
        signal,
      });
      return (outcome = 'sent');
    } catch (error) {
      const failure = error as SmtpError;
      if (refusesRecipient(failure)) return (outcome = 'failed');
      if (isAway(failure, this.contents.get(signal)))
        throw new DependencyAway(`the mail server is away: ${inCodes(failure)}`, { cause: error });
      const { code, responseCode } = failure;
      throw Object.assign(new Error(`the mail was not handed over: ${inCodes(failure)}`, { cause: error }), { code, responseCode });
    } finally {
      stopTimer({ outcome });
      mails.inc({ outcome });
    }
  }

  onApplicationShutdown(): void {
    this.transport.close();
  }
}

/** What nodemailer puts on its errors. */
interface SmtpError extends Error {
  readonly code?: string;
  readonly originalCode?: string;
  readonly command?: string;
  readonly responseCode?: number;
  readonly permanent?: boolean;
}

/**
 * Whether a failure is final: the server answered the recipient with 5xx, or the address can't be written down in SMTP. A 5xx to anything
 * else (our sender, our login, our content) is for us to repair, and the mail should still go out afterwards.
 */
function refusesRecipient({ code, command, permanent }: SmtpError): boolean {
  return code === 'EENVELOPE' && (command === 'API' || (command === 'RCPT TO' && permanent === true));
}

/** Failures of the connection or the login: no answer to a mail. */
const betweenUsAndTheServer = new Set(['EDNS', 'ESOCKET', 'ECONNECTION', 'ETIMEDOUT', 'ETLS', 'EPROTOCOL', 'EAUTH', 'EABORT']);

/**
 * Whether it can't be the mail's fault, so that no try is used up: the server is closing (421), or the connection failed before any content
 * went out. nodemailer's errors are the same after that, when the server may have taken the mail and a repeat must not come without end.
 */
function isAway({ code, responseCode }: SmtpError, content: Readable | undefined): boolean {
  return responseCode === 421 || (betweenUsAndTheServer.has(code ?? '') && !content?.readableDidRead);
}

/** The error without the words of the server: they repeat the recipient, and our messages go to logs and to the headers of dead letters. */
function inCodes({ name, code = name, originalCode, command, responseCode }: SmtpError): string {
  return [code, originalCode, command, responseCode].filter(Boolean).join(' ');
}
