import { createTransport } from 'nodemailer';
import { describe, expect, it } from 'vitest';
import { readMail } from './read-mail.js';

async function written(mail: object): Promise<string> {
  const transport = createTransport({ streamTransport: true, buffer: true, newline: 'windows' });
  const { message } = await transport.sendMail({ from: 'shop@example.com', to: 'alice@example.com', ...mail });
  return (message as Buffer).toString('utf8');
}

describe('reading what nodemailer writes', () => {
  it('gives back subject and text with letters beyond ASCII and long lines', async () => {
    const subject = 'Ihre Bestellung über 25,98 € ist bezahlt – vielen Dank für Ihren Einkauf bei uns, liebe Zoë';
    const text = `Grüße\n\n${'lang '.repeat(60)}Ende = Schluß\n.\nnoch eine Zeile`;
    const mail = readMail(await written({ subject, text, messageId: '<1@orderly>' }));
    expect(mail).toMatchObject({ subject, text, to: 'alice@example.com', from: 'shop@example.com', messageId: '<1@orderly>' });
  });

  it('takes the plain part of a mail in two forms', async () => {
    const mail = readMail(await written({ subject: 'Two', text: 'the plain form', html: '<p>the other form</p>' }));
    expect(mail.text).toBe('the plain form');
  });

  it('gives headers by lower-case name', async () => {
    expect(readMail(await written({ subject: 'x', text: 'y', headers: { 'X-Order-Id': '42' } })).headers['x-order-id']).toBe('42');
  });
});
