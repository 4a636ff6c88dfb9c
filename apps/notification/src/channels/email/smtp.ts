import type { OnApplicationShutdown } from '@nestjs/common';
import { createTransport } from 'nodemailer';
import { DependencyAway } from '#libs/messaging';
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
  }

  /**
   * Hands over one mail: `sent` when the server took it, `failed` when it refused the recipient for good.
   * @throws DependencyAway when the server could not be reached, and whatever else may go better another time
   */
  async send(mail: Mail): Promise<'sent' | 'failed'> {
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
        signal: AbortSignal.timeout(this.options.timeoutMs),
      });
      return (outcome = 'sent');
    } catch (error) {
      if (refusesRecipient(error)) return (outcome = 'failed');
      if (isUnreachable(error)) throw new DependencyAway(`the mail server cannot be reached: ${error.message}`, { cause: error });
      throw error;
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
  readonly permanent?: boolean;
  readonly timeoutType?: string;
}

/**
 * Whether a failure is final: the server answered the recipient with 5xx, or the address can't be written down in SMTP. A 5xx to anything
 * else (our sender, our login, our content) is for us to repair, and the mail should still go out afterwards.
 */
function refusesRecipient(error: unknown): error is SmtpError {
  const { code, command, permanent } = error as SmtpError;
  return code === 'EENVELOPE' && (command === 'API' || (command === 'RCPT TO' && permanent === true));
}

/** Whether nothing was said yet, so that it can't be the mail's fault. */
function isUnreachable(error: unknown): error is SmtpError {
  const { code, originalCode, timeoutType } = error as SmtpError;
  const nobodyThere = ['ECONNREFUSED', 'EHOSTUNREACH', 'ENETUNREACH', 'ENOTFOUND', 'EAI_AGAIN'];
  return (
    code === 'EDNS' || nobodyThere.includes(originalCode ?? '') || timeoutType === 'CONNECT_TIMEOUT' || timeoutType === 'GREETING_TIMEOUT'
  );
}
