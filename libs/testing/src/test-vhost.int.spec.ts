import { connect } from 'amqplib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually } from './eventually.js';
import { MessageProbe } from './message-probe.js';
import { testVhost, type TestVhost } from './test-vhost.js';

let vhost: TestVhost;

beforeAll(async () => {
  vhost = await testVhost();
});
afterAll(() => vhost.drop());

async function withChannel(
  url: string,
  work: (channel: Awaited<ReturnType<Awaited<ReturnType<typeof connect>>['createConfirmChannel']>>) => Promise<unknown>,
) {
  const connection = await connect(url);
  const channel = await connection.createConfirmChannel();
  await work(channel);
  await channel.waitForConfirms();
  await connection.close();
}

describe('a test vhost', () => {
  it('has queues of its own, and tells what is in them at once', async () => {
    const other = await testVhost();
    await withChannel(vhost.url, async (channel) => {
      await channel.assertQueue('order.settle-order', { durable: true, arguments: { 'x-queue-type': 'quorum' } });
      for (const text of ['one', 'two']) channel.sendToQueue('order.settle-order', Buffer.from(text));
    });
    expect(await vhost.queues()).toMatchObject([{ name: 'order.settle-order', type: 'quorum' }]);
    expect(await other.queues()).toEqual([]);
    await eventually(async () => expect(await vhost.depth('order.settle-order')).toEqual({ messages: 2, consumers: 0 }));
    expect((await vhost.take('order.settle-order'))?.content.toString()).toBe('one');
    await vhost.purge('order.settle-order');
    expect(await vhost.take('order.settle-order')).toBeUndefined();
    await vhost.deleteQueue('order.settle-order');
    expect(await vhost.queues()).toEqual([]);
    await other.drop();
  });

  it('still answers after a question about a queue that does not exist', async () => {
    await expect(vhost.depth('missing')).rejects.toThrow('missing');
    await withChannel(vhost.url, (channel) => channel.assertQueue('there'));
    expect(await vhost.depth('there')).toEqual({ messages: 0, consumers: 0 });
  });

  it('is gone with its connections when it is dropped', async () => {
    const short = await testVhost();
    const connection = await connect(short.url);
    connection.on('error', () => {});
    const closed = new Promise((settle) => connection.once('close', settle));
    await short.drop();
    await closed;
    await expect(connect(short.url)).rejects.toThrow(/ConnectionClose/);
  });
});

describe('a message probe', () => {
  it('sees what is published to an exchange, with headers and the parsed body', async () => {
    await withChannel(vhost.url, async (channel) => {
      await channel.assertExchange('orderly.events', 'topic');
      const probe = await MessageProbe.listen(vhost.url, 'orderly.events', 'order.*.v1');
      channel.publish('orderly.events', 'payment.captured.v1', Buffer.from('{}'));
      channel.publish('orderly.events', 'order.paid.v1', Buffer.from('{"orderId":"1"}'), { messageId: 'm1', headers: { attempt: 2 } });
      expect(await probe.first('order.paid.v1')).toMatchObject({ messageId: 'm1', headers: { attempt: 2 }, body: { orderId: '1' } });
      expect(probe.messages).toHaveLength(1);
      await probe.close();
    });
  });

  it('says what it saw instead when the awaited message does not come', async () => {
    await withChannel(vhost.url, async (channel) => {
      await channel.assertExchange('orderly.notices', 'fanout');
      const probe = await MessageProbe.listen(vhost.url, 'orderly.notices');
      channel.publish('orderly.notices', 'notice.issued.v1', Buffer.from('not JSON'));
      await probe.first('notice.issued.v1', (message) => message.body === 'not JSON');
      await expect(probe.first('order.paid.v1', undefined, { within: 50 })).rejects.toThrow(
        'no fitting order.paid.v1 was seen, but notice.issued.v1',
      );
      await probe.close();
    });
  });

  it('refuses an exchange that does not exist', async () => {
    await expect(MessageProbe.listen(vhost.url, 'nowhere')).rejects.toThrow('nowhere');
  });
});
