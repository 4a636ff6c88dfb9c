import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { SMTPServer } from 'smtp-server';
import { readMail, type Mail } from './read-mail.js';

/** An SMTP server on loopback that keeps what it is given and passes nothing on. */
export class SmtpSink {
  readonly mails: Mail[] = [];
  /** Recipients that were refused. */
  refused = 0;
  private refusal: { code: number; text: string } | undefined;
  private readonly server: SMTPServer;

  private constructor(onMail: (mail: Mail) => void) {
    this.server = new SMTPServer({
      authOptional: true,
      disabledCommands: ['STARTTLS', 'AUTH'],
      logger: false,
      // Clients keep their connections, and closing would wait for them.
      closeTimeout: 100,
      onRcptTo: (_address, _session, answer) => answer(this.refuseOrNot()),
      onData: (stream, _session, answer) => {
        const chunks: Buffer[] = [];
        stream.on('data', (chunk: Buffer) => chunks.push(chunk));
        stream.on('end', () => {
          const mail = readMail(Buffer.concat(chunks).toString('utf8'));
          this.mails.push(mail);
          answer();
          onMail(mail);
        });
      },
    });
    // A client that goes away in the middle, as tests make it do.
    this.server.on('error', () => {});
  }

  /** Listens on a free port. */
  static async start(options: { onMail?: (mail: Mail) => void } = {}): Promise<SmtpSink> {
    const sink = new SmtpSink(options.onMail ?? (() => {}));
    const listening = once(sink.server.server, 'listening');
    sink.server.listen(0, '127.0.0.1');
    await listening;
    return sink;
  }

  get url(): string {
    return `smtp://127.0.0.1:${(this.server.server.address() as AddressInfo).port}`;
  }

  /** The mails to one address. */
  to(address: string): Mail[] {
    return this.mails.filter((mail) => mail.to.includes(address));
  }

  /** From now on every recipient is refused with this code: 451 asks to try later, 550 says never. */
  refuse(code = 451, text = 'refused by the test'): void {
    this.refusal = { code, text };
  }

  accept(): void {
    this.refusal = undefined;
  }

  async close(): Promise<void> {
    await new Promise<void>((closed) => this.server.close(() => closed()));
  }

  private refuseOrNot(): Error | undefined {
    if (this.refusal) this.refused += 1;
    return this.refusal && Object.assign(new Error(this.refusal.text), { responseCode: this.refusal.code });
  }
}
