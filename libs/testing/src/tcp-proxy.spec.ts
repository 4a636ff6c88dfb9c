import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { eventually } from './eventually.js';
import { freePort } from './free-port.js';
import { TcpProxy } from './tcp-proxy.js';

const undo: (() => unknown)[] = [];
afterEach(async () => {
  for (const step of undo.splice(0).toReversed()) await step();
});

/** A server that does this with each connection. */
async function serve(onConnection: (socket: Socket) => void): Promise<string> {
  const sockets = new Set<Socket>();
  const server: Server = createServer((socket) => {
    sockets.add(socket.on('error', () => {}));
    onConnection(socket);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  undo.push(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return `tcp://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const says = (words: string) => (socket: Socket) => void socket.once('data', () => socket.write(words));

async function proxyBefore(urls: string | string[], options?: { speaksWhenSpokenTo: boolean }): Promise<TcpProxy> {
  const proxy = await TcpProxy.before(urls, options);
  undo.push(() => proxy.close());
  return proxy;
}

/** A client that has said this, and what it has heard. */
function client(proxy: TcpProxy, said: string): { socket: Socket; heard: () => string; closed: Promise<unknown> } {
  const socket = connect(proxy.port, '127.0.0.1').setEncoding('utf8');
  let heard = '';
  const closed = new Promise((settle) => socket.on('error', () => {}).on('close', settle));
  socket.on('data', (chunk: string) => (heard += chunk)).write(said);
  undo.push(() => socket.destroy());
  return { socket, heard: () => heard, closed };
}

describe('a proxy before several servers', () => {
  it('gives new connections to one after the other', async () => {
    const proxy = await proxyBefore([await serve(says('one')), await serve(says('two'))]);
    const clients = [client(proxy, 'hello'), client(proxy, 'hello')];
    await eventually(() => expect(clients.map(({ heard }) => heard()).toSorted()).toEqual(['one', 'two']));
  });

  it('passes by a server that is not there', async () => {
    const proxy = await proxyBefore([`tcp://127.0.0.1:${await freePort()}`, await serve(says('two'))]);
    const clients = [client(proxy, 'hello'), client(proxy, 'hello')];
    await eventually(() => expect(clients.map(({ heard }) => heard())).toEqual(['two', 'two']));
  });

  it('passes by a server that has frozen, when the protocol has them answer', async () => {
    const proxy = await proxyBefore([await serve(() => {}), await serve(says('two'))], { speaksWhenSpokenTo: true });
    const { heard } = client(proxy, 'hello');
    await eventually(() => expect(heard()).toBe('two'));
  });

  it('breaks the connection when there is none', async () => {
    const proxy = await proxyBefore([`tcp://127.0.0.1:${await freePort()}`, `tcp://127.0.0.1:${await freePort()}`]);
    const { heard, closed } = client(proxy, 'hello');
    await closed;
    expect(heard()).toBe('');
  });
});

describe('a proxy that makes things worse', () => {
  it('delays what is said, in the order in which it was said', async () => {
    let heard = '';
    const proxy = await proxyBefore(await serve((socket) => socket.on('data', (chunk) => (heard += String(chunk)))));
    proxy.delay(100);
    const { socket } = client(proxy, 'one ');
    await eventually(() => expect(proxy.delayedChunks).toBe(1));
    expect(heard).toBe('');
    proxy.delay(1);
    socket.write('two');
    await eventually(() => expect(heard).toBe('one two'));
  });

  it('breaks a connection in the middle of what is said', async () => {
    let heard = '';
    const proxy = await proxyBefore(await serve((socket) => socket.on('data', (chunk) => (heard += String(chunk)))));
    const { socket, closed } = client(proxy, 'first ');
    await eventually(() => expect(heard).toBe('first '));
    proxy.cutMidway();
    socket.write('0123456789'.repeat(4));
    await closed;
    expect(proxy.brokenMidway).toBe(1);
    expect('first 01234567890123456789').toContain(heard);
  });
});
