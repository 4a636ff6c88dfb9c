import { randomBytes, randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createServer as createTlsServer } from 'node:https';
import { createServer, type AddressInfo, type Server } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CertificateAuthority, projectRoot } from '#libs/testing';
import { networks } from './address-rules.js';
import { verified, webhookReceiver } from './webhook-receiver.spec-support.js';
import { WebhookSender } from './webhook-sender.js';

const secret = `whsec_${randomBytes(32).toString('base64')}`;

describe('sending a webhook', () => {
  let receiver: Awaited<ReturnType<typeof webhookReceiver>>;
  const servers: Server[] = [];
  beforeAll(async () => {
    receiver = await webhookReceiver();
  });
  afterAll(async () => {
    for (const server of servers) server.close();
    await receiver.close();
  });

  /** A sender to whom names resolve to these addresses, one list for each time it asks. */
  function sender(resolved: string[][] = [], more: Partial<ConstructorParameters<typeof WebhookSender>[0]> = {}) {
    const asked: string[] = [];
    const resolve = async (name: string) => {
      asked.push(name);
      return resolved.shift() ?? Promise.reject(Object.assign(new Error('unknown'), { code: 'ENOTFOUND' }));
    };
    const options = { allowHttp: true, allowed: networks(['127.0.0.0/8']), timeoutMs: 500, resolve, ...more };
    const sending = new WebhookSender(options);
    return { asked, send: (url: string) => sending.send({ id: 'one-delivery', url, secret, payload: '{"type":"order.paid"}' }) };
  }

  /** What listens on this machine and speaks as it is told. */
  async function listening(server: Server): Promise<number> {
    servers.push(server);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return (server.address() as AddressInfo).port;
  }

  it('is signed so that the receiver can tell that it is from us, and how old it is', async () => {
    const path = `/${randomUUID()}`;
    const result = await sender().send(receiver.url(path));
    expect(result).toEqual({ at: expect.any(Date), durationMs: expect.any(Number), answerStatus: 204 });
    const [received] = receiver.at(path);
    expect(verified(received!, secret)).toEqual({ type: 'order.paid' });
    expect(Number(received!.headers['webhook-timestamp'])).toBe(Math.floor(result.at.getTime() / 1000));
    expect(received!.headers['webhook-id']).toBe('one-delivery');
  });

  it('goes to the very addresses that were looked at, whatever the name resolves to a moment later', async () => {
    const path = `/${randomUUID()}`;
    const { send, asked } = sender([['127.0.0.1'], ['169.254.169.254']]);
    expect(await send(`http://rebinding.example:${receiver.port}${path}`)).toMatchObject({ answerStatus: 204 });
    expect(asked).toEqual(['rebinding.example']);
    expect(receiver.at(path)).toMatchObject([{ headers: { host: `rebinding.example:${receiver.port}` } }]);
  });

  it.each([
    ['metadata', ['169.254.169.254']],
    ['a private address', ['10.0.0.1']],
    ['loopback of version 6', ['::1']],
    ['loopback, mapped', ['::ffff:10.0.0.1']],
    ['a public address and a private one', ['93.184.216.34', '192.168.1.1']],
    ['an address on an interface', ['fe80::1%lo']],
    ['nothing', []],
  ])('is refused after resolution to %s, and nobody is called', async (_, addresses) => {
    const path = `/${randomUUID()}`;
    expect(await sender([addresses]).send(`http://inside.example:${receiver.port}${path}`)).toMatchObject({ error: 'address-refused' });
    expect(receiver.at(path)).toEqual([]);
  });

  it('is refused to a name for this machine, where that was not allowed', async () => {
    const { send } = sender([['127.0.0.1']], { allowed: networks([]) });
    expect(await send(`http://inside.example:${receiver.port}/`)).toMatchObject({ error: 'address-refused' });
  });

  it.each([
    'http://127.0.0.1:PORT/',
    'http://2130706433:PORT/',
    'http://0x7f.1:PORT/',
    'http://0177.0.0.1:PORT/',
    'http://[::ffff:7f00:1]:PORT/',
  ])('is refused to %s, and no name is asked for', async (url) => {
    const { send, asked } = sender([], { allowed: networks([]) });
    expect(await send(url.replace('PORT', String(receiver.port)))).toMatchObject({ error: 'address-refused' });
    expect(asked).toEqual([]);
  });

  it('is refused without TLS, and with a login, also where that was taken once', async () => {
    expect(await sender([], { allowHttp: false }).send(receiver.url('/'))).toMatchObject({ error: 'url-refused' });
    expect(await sender().send(receiver.url('/').replace('//', '//me:secret@'))).toMatchObject({ error: 'url-refused' });
  });

  it('follows no redirect', async () => {
    receiver.answer('/moved', (_, answer) => answer.writeHead(302, { location: receiver.url('/target') }).end());
    expect(await sender().send(receiver.url('/moved'))).toMatchObject({ answerStatus: 302 });
    expect(receiver.at('/target')).toEqual([]);
  });

  it('waits for an answer no longer than it may, and for its body not at all', async () => {
    receiver.answer('/silent', () => {});
    receiver.answer('/endless', (_, answer) => void answer.writeHead(200).write('for ever'));
    expect(await sender().send(receiver.url('/silent'))).toMatchObject({ error: 'timeout' });
    expect(await sender().send(receiver.url('/endless'))).toMatchObject({ answerStatus: 200 });
  });

  it('waits for a name no longer than that', async () => {
    const never = () => new Promise<string[]>(() => {});
    expect(await sender([], { resolve: never, timeoutMs: 50 }).send('http://slow.example/')).toMatchObject({ error: 'timeout' });
  });

  it('reads no more of an answer than it has use for', async () => {
    const poured = new Promise<number>((resolve) => {
      receiver.answer('/flood', (_, answer) => {
        answer.writeHead(200);
        let megabytes = 0;
        const pour = () => {
          while (!answer.destroyed && megabytes < 200) {
            megabytes += 1;
            if (!answer.write(Buffer.alloc(1_048_576))) return void answer.once('drain', pour);
          }
        };
        answer.on('error', () => {});
        answer.on('close', () => resolve(megabytes));
        pour();
      });
    });
    expect(await sender().send(receiver.url('/flood'))).toMatchObject({ answerStatus: 200 });
    // What the sockets hold in between.
    expect(await poured).toBeLessThan(50);
    receiver.answer('/headers', (_, answer) => answer.writeHead(200, { 'x-much': 'x'.repeat(60_000) }).end());
    expect(await sender().send(receiver.url('/headers'))).toMatchObject({ error: 'connection-failed' });
  });

  it('says in a word of ours why there was no answer', async () => {
    expect(await sender().send('http://unknown.example/')).toMatchObject({ error: 'name-not-found' });
    const free = await listening(createServer());
    await new Promise((resolve) => servers.pop()!.close(resolve));
    expect(await sender().send(`http://127.0.0.1:${free}/`)).toMatchObject({ error: 'connection-refused' });
    const rude = await listening(createServer((socket) => socket.destroy()));
    expect(await sender().send(`http://127.0.0.1:${rude}/`)).toMatchObject({ error: 'connection-failed' });
  });

  it('trusts no certificate that nobody vouches for', async () => {
    const authority = await CertificateAuthority.create(
      join(projectRoot, '.local', 'test', String(process.pid), `webhooks-${randomUUID().slice(0, 8)}`),
    );
    const { certFile, keyFile } = await authority.issue({ name: 'receiver', hosts: ['receiver.example'] });
    const port = await listening(createTlsServer({ cert: readFileSync(certFile), key: readFileSync(keyFile) }));
    expect(await sender([['127.0.0.1']]).send(`https://receiver.example:${port}/`)).toMatchObject({ error: 'tls-failed' });
  });
});
