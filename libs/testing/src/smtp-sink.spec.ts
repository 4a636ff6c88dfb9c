import { createTransport } from 'nodemailer';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { SmtpSink } from './smtp-sink.js';

let sink: SmtpSink;
beforeEach(async () => {
  sink = await SmtpSink.start();
});
afterEach(() => sink.close());

const send = (to: string) => createTransport(sink.url).sendMail({ from: 'shop@example.com', to, subject: 'Paid', text: 'Thank you.' });

describe('an SMTP sink', () => {
  it('keeps every mail that it is given', async () => {
    await send('alice@example.com');
    await send('bob@example.com');
    expect(sink.mails.map((mail) => mail.to)).toEqual(['alice@example.com', 'bob@example.com']);
    expect(sink.to('bob@example.com')).toMatchObject([{ subject: 'Paid', text: 'Thank you.' }]);
  });

  it('refuses recipients while it is told to', async () => {
    sink.refuse(451);
    await expect(send('alice@example.com')).rejects.toMatchObject({ command: 'RCPT TO', responseCode: 451 });
    sink.accept();
    await send('alice@example.com');
    expect(sink.mails).toHaveLength(1);
  });

  it('does not wait for clients that keep their connections', async () => {
    const client = createTransport({ url: sink.url, pool: true });
    await client.sendMail({ from: 'shop@example.com', to: 'alice@example.com', subject: 'Paid', text: 'Thank you.' });
    const closing = Date.now();
    await sink.close();
    client.close();
    expect(Date.now() - closing).toBeLessThan(5_000);
  });
});
