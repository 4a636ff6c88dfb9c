import { connect, type ChannelModel, type ConfirmChannel } from 'amqplib';
import { Client } from 'pg';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { eventually } from './eventually.js';
import { TcpProxy } from './tcp-proxy.js';
import { testVhost, type TestVhost } from './test-vhost.js';

let vhost: TestVhost;
let proxy: TcpProxy;
const opened: ChannelModel[] = [];

beforeAll(async () => {
  vhost = await testVhost('proxy');
});
afterAll(() => vhost.drop());
beforeEach(async () => {
  proxy = await TcpProxy.before(vhost.url);
});
afterEach(async () => {
  await proxy.close();
  opened.splice(0);
});

async function connected(name: string): Promise<{ connection: ChannelModel; channel: ConfirmChannel; closed: Promise<unknown> }> {
  const connection = await connect(proxy.through(vhost.url), { noDelay: true, clientProperties: { connection_name: name } });
  connection.on('error', () => {});
  const closed = new Promise((settle) => connection.once('close', settle));
  const channel = await connection.createConfirmChannel();
  channel.on('error', () => {});
  opened.push(connection);
  return { connection, channel, closed };
}

/** Publishes, and tells whether the broker's confirm has come. */
function published(channel: ConfirmChannel, queue: string): { confirmed: () => boolean } {
  let confirmed = false;
  channel.sendToQueue(queue, Buffer.from('{}'), {}, (error) => (confirmed = error === null));
  return { confirmed: () => confirmed };
}

describe('a proxy before the broker', () => {
  it('withholds confirms until it is released, while the message has arrived', async () => {
    const { channel } = await connected('order-1:publish');
    await channel.assertQueue('withheld');
    proxy.hold('server-to-client', /:publish$/);
    const message = published(channel, 'withheld');
    await eventually(() => expect(proxy.heldBytes('server-to-client', /:publish$/)).toBeGreaterThan(0));
    expect(await vhost.depth('withheld')).toMatchObject({ messages: 1 });
    expect(message.confirmed()).toBe(false);
    proxy.release('server-to-client');
    await eventually(() => expect(message.confirmed()).toBe(true));
  });

  it('withholds what the client says, so that the broker never hears of it', async () => {
    const { channel, connection } = await connected('order-1:publish');
    await channel.assertQueue('unheard');
    proxy.hold('client-to-server');
    published(channel, 'unheard');
    await eventually(() => expect(proxy.heldBytes('client-to-server')).toBeGreaterThan(0));
    proxy.cut();
    await new Promise((settle) => connection.once('close', settle));
    expect(await vhost.depth('unheard')).toMatchObject({ messages: 0 });
  });

  it('tells connections apart by the names that they give themselves', async () => {
    const publishing = await connected('order-1:publish');
    const consuming = await connected('order-1:consume');
    expect(proxy.labels.toSorted()).toEqual(['order-1:consume', 'order-1:publish']);
    await publishing.channel.assertQueue('apart');
    proxy.hold('server-to-client', 'order-1:consume');
    const message = published(publishing.channel, 'apart');
    await eventually(() => expect(message.confirmed()).toBe(true));
    const held = published(consuming.channel, 'apart');
    await eventually(() => expect(proxy.heldBytes('server-to-client', 'order-1:consume')).toBeGreaterThan(0));
    expect(held.confirmed()).toBe(false);
  });

  it('cuts only the connections that it is asked to cut', async () => {
    const publishing = await connected('order-1:publish');
    const consuming = await connected('order-1:consume');
    expect(proxy.cut(/:consume$/)).toBe(1);
    await consuming.closed;
    await publishing.channel.assertQueue('uncut');
    expect(proxy.labels).toEqual(['order-1:publish']);
  });

  it('lets nobody in while it refuses, and everybody after it is restored', async () => {
    proxy.refuse();
    await expect(connected('order-1:publish')).rejects.toThrow(/closed|ECONNRESET/);
    proxy.restore();
    await connected('order-1:publish');
  });
});

describe('a proxy before the database', () => {
  it('tells connections apart by application name', async () => {
    const postgresUrl = process.env['ORDERLY_POSTGRES_URL']!;
    const database = await TcpProxy.before(postgresUrl);
    const client = new Client({ connectionString: database.through(postgresUrl), application_name: 'order' });
    await client.connect();
    client.on('error', () => {});
    expect(database.labels).toEqual(['order']);
    database.hold('server-to-client', 'order');
    const answer = client.query('select 1 as one');
    await eventually(() => expect(database.heldBytes('server-to-client', 'order')).toBeGreaterThan(0));
    database.restore();
    expect((await answer).rows).toEqual([{ one: 1 }]);
    await client.end();
    await database.close();
  });
});
