import { createServer, type AddressInfo, type Server } from 'node:net';
import { SMTPServer, type SMTPServerOptions } from 'smtp-server';
import { afterEach, describe, expect, it } from 'vitest';
import { DependencyAway } from '#libs/messaging';
import { Smtp, type Mail } from './smtp.js';

const mail: Mail = {
  eventId: '0199b3a0-0000-7000-8000-000000000005',
  recipient: 'alice@example.com',
  subject: 'Your order is paid',
  body: 'Thank you.\n\nOrder 0199b3a0\n',
};

const refusal = (responseCode: number) => Object.assign(new Error('no'), { responseCode });

describe('handing over mail', () => {
  const open: (() => unknown)[] = [];
  afterEach(async () => {
    for (const close of open.splice(0).toReversed()) await close();
  });

  /** A mail server that takes everything, unless the options say otherwise. */
  async function mailServer(options: SMTPServerOptions = {}) {
    const taken: { recipients: string[]; text: string }[] = [];
    const server = new SMTPServer({
      authOptional: true,
      disabledCommands: ['STARTTLS'],
      onData(stream, session, callback) {
        let text = '';
        stream.on('data', (chunk: Buffer) => (text += chunk.toString()));
        stream.on('end', () => {
          taken.push({ recipients: session.envelope.rcptTo.map(({ address }) => address), text });
          callback();
        });
      },
      ...options,
    });
    server.on('error', () => {});
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    open.push(() => new Promise<void>((resolve) => server.close(resolve)));
    return { port: (server.server.address() as AddressInfo).port, taken };
  }

  function smtp(port: number, timeoutMs = 5_000): Smtp {
    const client = new Smtp({ url: `smtp://127.0.0.1:${port}`, from: 'orders@orderly.example', connections: 2, timeoutMs });
    open.push(() => client.onApplicationShutdown());
    return client;
  }

  it('sends plain text under an id made from the event, and says that no person wrote it', async () => {
    const { port, taken } = await mailServer();
    expect(await smtp(port).send(mail)).toBe('sent');
    const [{ recipients, text } = { recipients: [], text: '' }] = taken;
    expect(recipients).toEqual(['alice@example.com']);
    expect(text).toContain(`Message-ID: <${mail.eventId}.email@orderly.example>`);
    expect(text).toContain('Auto-Submitted: auto-generated');
    expect(text).toContain('Subject: Your order is paid');
    expect(text).toMatch(/Content-Type: text\/plain/);
    expect(text.replaceAll('\r', '')).toContain('\n\nThank you.\n\nOrder 0199b3a0\n');
  });

  it('gives a mail up when the server refuses its recipient for good', async () => {
    const { port } = await mailServer({ onRcptTo: (_address, _session, callback) => callback(refusal(550)) });
    expect(await smtp(port).send(mail)).toBe('failed');
  });

  it('tries again when the server refuses the recipient for now', async () => {
    const { port } = await mailServer({ onRcptTo: (_address, _session, callback) => callback(refusal(450)) });
    await expect(smtp(port).send(mail)).rejects.toMatchObject({ responseCode: 450 });
  });

  it('tries again when the server refuses us and not the recipient', async () => {
    const { port } = await mailServer({ onMailFrom: (_address, _session, callback) => callback(refusal(550)) });
    await expect(smtp(port).send(mail)).rejects.toMatchObject({ responseCode: 550 });
  });

  it.each(['bob@example.com, carol@example.com', 'Carol <carol@example.com>', 'bob@example.com\r\nBcc: carol@example.com'])(
    'takes %j for one address, and reaches nobody else by it',
    async (recipient) => {
      const { port, taken } = await mailServer();
      expect(await smtp(port).send({ ...mail, recipient })).toBe('failed');
      expect(taken).toEqual([]);
    },
  );

  it('goes on sending over a connection on which a recipient was refused', async () => {
    const { port, taken } = await mailServer({
      onRcptTo: ({ address }, _session, callback) => callback(address.startsWith('nobody') ? refusal(550) : null),
    });
    const client = smtp(port);
    expect(await client.send({ ...mail, recipient: 'nobody@example.com' })).toBe('failed');
    expect(await client.send(mail)).toBe('sent');
    expect(taken).toHaveLength(1);
  });

  it('calls it nobody’s fault when no mail server is there', async () => {
    const server: Server = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    const { port } = server.address() as AddressInfo;
    await new Promise((resolve) => server.close(resolve));
    await expect(smtp(port).send(mail)).rejects.toThrow(DependencyAway);
  });

  it('does not wait for a server that takes the connection and says nothing', async () => {
    const server = createServer(() => {}).listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    open.push(() => server.close());
    await expect(smtp((server.address() as AddressInfo).port, 100).send(mail)).rejects.toThrow(/timeout|aborted/i);
  });

  it('cuts the connection when handing over takes too long', async () => {
    let ended = false;
    const { port } = await mailServer({ onData: (stream) => void stream.resume(), onClose: () => (ended = true) });
    await expect(smtp(port, 200).send(mail)).rejects.toMatchObject({ code: 'EABORT' });
    await expect.poll(() => ended).toBe(true);
  });
});
