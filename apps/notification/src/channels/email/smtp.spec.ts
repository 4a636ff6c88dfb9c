import { once } from 'node:events';
import { createServer, type AddressInfo, type Socket } from 'node:net';
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

const refusal = (responseCode: number, text = 'no') => Object.assign(new Error(text), { responseCode });

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
      closeTimeout: 100,
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
    const sockets = new Set<Socket>();
    server.server.on('connection', (socket: Socket) => sockets.add(socket));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    open.push(() => new Promise<void>((resolve) => server.close(resolve)));
    const hangUp = () => {
      for (const socket of sockets) socket.destroy();
    };
    return { port: (server.server.address() as AddressInfo).port, taken, hangUp };
  }

  /** A server that does nothing but what is said here with each connection. */
  async function bareServer(onConnection: (socket: Socket) => void): Promise<number> {
    const sockets = new Set<Socket>();
    const server = createServer((socket) => {
      sockets.add(socket.on('error', () => {}));
      onConnection(socket);
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    open.push(() => {
      for (const socket of sockets) socket.destroy();
      server.close();
    });
    return (server.address() as AddressInfo).port;
  }

  function smtp(port: number, timeoutMs = 5_000, login = ''): Smtp {
    const client = new Smtp({ url: `smtp://${login}127.0.0.1:${port}`, from: 'orders@orderly.example', connections: 2, timeoutMs });
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

  it('keeps to itself what the server says, which may repeat the recipient', async () => {
    const recipient = 'alice.private@example.com';
    const rejected = refusal(450, `4.2.0 <${recipient}>: Recipient address rejected`);
    const { port } = await mailServer({ onRcptTo: (_address, _session, callback) => callback(rejected) });
    const error = await smtp(port)
      .send({ ...mail, recipient })
      .catch((thrown: unknown) => thrown as Error);
    expect(error).toMatchObject({ code: 'EENVELOPE', responseCode: 450, cause: { message: expect.stringContaining(recipient) } });
    expect(String(error)).toMatch(/EENVELOPE RCPT TO 450$/);
    expect((error as Error).stack).not.toContain(recipient);
  });

  describe('calls it nobody’s fault, as long as nothing of the mail went out, when the server', () => {
    const expectAway = async (client: Smtp) => {
      const error = await client.send(mail).catch((thrown: unknown) => thrown as Error);
      expect(error).toBeInstanceOf(DependencyAway);
      return String(error);
    };

    it('is not there', async () => {
      const server = createServer().listen(0, '127.0.0.1');
      await once(server, 'listening');
      const { port } = server.address() as AddressInfo;
      await new Promise((resolve) => server.close(resolve));
      expect(await expectAway(smtp(port))).toContain('ECONNREFUSED');
    });

    it('takes the connection and says nothing, so that the mails behind never get one', async () => {
      const client = smtp(await bareServer(() => {}), 200);
      await Promise.all([expectAway(client), expectAway(client), expectAway(client)]);
    });

    it('greets with 421', async () => {
      expect(await expectAway(smtp(await bareServer((socket) => socket.end('421 4.3.2 closing down\r\n'))))).toContain('421');
    });

    it('closes each connection at once', async () => {
      expect(await expectAway(smtp(await bareServer((socket) => socket.end())))).toContain('ECONNECTION');
    });

    it('resets each connection at once', async () => {
      expect(await expectAway(smtp(await bareServer((socket) => socket.resetAndDestroy())))).toContain('CONN');
    });

    it('does not take our login', async () => {
      const { port } = await mailServer({ onAuth: (_auth, _session, callback) => callback(refusal(535)), allowInsecureAuth: true });
      expect(await expectAway(smtp(port, 5_000, 'orderly:wrong@'))).toContain('EAUTH');
    });

    it('hangs up before it has asked for the content', async () => {
      const { port, hangUp } = await mailServer({ onRcptTo: () => hangUp() });
      await expectAway(smtp(port));
    });

    it('answers the content with 421, and so has not taken it', async () => {
      const { port } = await mailServer({
        onData: (stream, _session, callback) => void stream.resume().on('end', () => callback(refusal(421))),
      });
      await expectAway(smtp(port));
    });
  });

  it('counts a try when the connection breaks after the content went out: the mail may have been taken', async () => {
    const { port, hangUp } = await mailServer({ onData: (stream) => void stream.resume().on('end', () => hangUp()) });
    const error = await smtp(port)
      .send(mail)
      .catch((thrown: unknown) => thrown as Error);
    expect(error).toMatchObject({ code: 'ECONNECTION' });
    expect(error).not.toBeInstanceOf(DependencyAway);
  });

  it('cuts the connection when handing over takes too long', async () => {
    let ended = false;
    const { port } = await mailServer({ onData: (stream) => void stream.resume(), onClose: () => (ended = true) });
    const error = await smtp(port, 200)
      .send(mail)
      .catch((thrown: unknown) => thrown as Error);
    expect(error).toMatchObject({ code: 'EABORT' });
    expect(error).not.toBeInstanceOf(DependencyAway);
    await expect.poll(() => ended).toBe(true);
  });
});
