import 'reflect-metadata';
import { randomUUID } from 'node:crypto';
import { Controller, Module, type INestMicroservice } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { ClientProxyFactory, MessagePattern, Payload, Transport } from '@nestjs/microservices';
import amqplib, { type Channel, type ChannelModel } from 'amqplib';
import { firstValueFrom, timeout } from 'rxjs';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { eventually, TcpProxy } from '#libs/testing';
import { Connection } from './connection.js';
import { AskThing, messagingFixture, quietLogger, type MessagingFixture } from './messaging.spec-support.js';
import type { Messaging } from './messaging.js';
import { NoAnswer, Queries, QueryClient } from './queries.js';

let world: MessagingFixture;
let raw: ChannelModel;
let channel: Channel;
const opened: { close(): unknown }[] = [];

/** What the handler does with the next questions; set by each story. */
let handler: (question: { n: number }) => unknown;

@Controller()
class AnsweringController {
  @MessagePattern(AskThing.name)
  answer(@Payload() question: { n: number }): unknown {
    return handler(question);
  }
}

@Module({ controllers: [AnsweringController] })
class AnsweringModule {}

beforeAll(async () => {
  world = await messagingFixture();
  raw = await amqplib.connect(world.vhost.url);
  channel = await raw.createChannel();
  await (await world.running()).stop();
});
afterEach(async () => {
  await Promise.all(opened.splice(0).map((one) => one.close()));
  await world.reset();
});
afterAll(async () => {
  await raw.close();
  await world.drop();
});

/** A service whose handler doubles a number, running. */
async function answering(url = world.vhost.url): Promise<Messaging> {
  handler = ({ n }) => ({ n: n * 2 });
  const service = world.service({ rabbitmqUrl: url });
  for (const queue of ['test.on-thing', 'test.do-thing']) service.handle(queue, async () => {});
  const app: INestMicroservice = await NestFactory.createMicroservice(AnsweringModule, { strategy: service.queryServer, logger: false });
  await app.listen();
  opened.push(app);
  await service.start();
  await eventually(() => expect(service.complaints()).toEqual([]));
  return service;
}

/** Somebody else, who asks and does not wait long. */
async function asking(withinMs = 2000, url = world.vhost.url): Promise<{ queries: Queries; client: QueryClient; connection: Connection }> {
  const connection = new Connection({
    url,
    name: `asking:${randomUUID()}:publish`,
    connectAttempts: 1,
    logger: quietLogger,
    tls: undefined,
  });
  const client = new QueryClient(connection, quietLogger, { exchange: 'orderly.queries', replica: 'other.answers.1' }, withinMs);
  client.start();
  await connection.start();
  opened.push(connection);
  await eventually(() => expect(client['subscription'].alive).toBe(true));
  return { queries: new Queries(client, withinMs), client, connection };
}

const depth = () => world.vhost.depth(AskThing.name);

describe('a question', () => {
  it('is answered by the service that has its handler', async () => {
    await answering();
    const { queries } = await asking();
    await expect(queries.ask(AskThing, { n: 21 })).resolves.toEqual({ n: 42 });
  });

  it('gets its own answer among many at once', async () => {
    await answering();
    const { queries, client } = await asking();
    const asked = Array.from({ length: 50 }, (_, n) => queries.ask(AskThing, { n }));
    expect(await Promise.all(asked)).toEqual(asked.map((_, n) => ({ n: n * 2 })));
    expect(client['routingMap'].size).toBe(0);
  });

  it('may come from the client that Nest brings', async () => {
    await answering();
    const options = { urls: [world.vhost.url], queue: AskThing.name, noAssert: true };
    const stock = ClientProxyFactory.create({ transport: Transport.RMQ, options });
    opened.push(stock);
    await expect(firstValueFrom(stock.send(AskThing.name, { n: 3 }).pipe(timeout(5000)))).resolves.toEqual({ n: 6 });
  });

  it('fails in words that tell nothing of the inside when its handler throws, and the next one is answered', async () => {
    await answering();
    const { queries } = await asking();
    handler = () => Promise.reject(new Error('relation "orders" does not exist'));
    const failure: unknown = await queries.ask(AskThing, { n: 1 }).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(NoAnswer);
    expect((failure as NoAnswer).message).toBe('it failed to answer');
    expect(JSON.stringify((failure as NoAnswer).cause)).not.toContain('orders');
    handler = () => ({ n: 0 });
    await expect(queries.ask(AskThing, { n: 1 })).resolves.toEqual({ n: 0 });
  });

  it('has no answer when the answer is not what was declared', async () => {
    await answering();
    const { queries } = await asking();
    handler = () => ({ m: 1 });
    await expect(queries.ask(AskThing, { n: 1 })).rejects.toThrow('it answered something else than was asked');
  });
});

describe('a question that nobody answers', () => {
  it('ends in time, leaves nothing behind, and is not answered for nothing later', async () => {
    const { queries, client } = await asking(300);
    await expect(queries.ask(AskThing, { n: 1 })).rejects.toThrow('no answer within 300 ms');
    expect(client['routingMap'].size).toBe(0);
    const seen = vi.fn<typeof handler>(() => ({ n: 0 }));
    await answering();
    handler = seen;
    await expect((await asking()).queries.ask(AskThing, { n: 2 })).resolves.toEqual({ n: 0 });
    expect(seen.mock.calls).toEqual([[{ n: 2 }]]);
  });

  it('is delivered once: a replica that dies on it takes it along', async () => {
    const consumer = await raw.createChannel();
    const taken = new Promise((resolve) => void consumer.consume(AskThing.name, resolve));
    channel.sendToQueue(AskThing.name, Buffer.from('{}'), { expiration: 60_000 });
    await taken;
    await consumer.close();
    await eventually(async () => expect(await depth()).toMatchObject({ messages: 0, consumers: 0 }));
    await answering();
    const seen = vi.fn<typeof handler>(() => ({ n: 0 }));
    handler = seen;
    await (await asking()).queries.ask(AskThing, { n: 2 });
    expect(seen.mock.calls).toEqual([[{ n: 2 }]]);
  });
});

describe('the broker', () => {
  it('is away: a question fails at once and is not kept, and both sides come back by themselves', async () => {
    const [askersLine, answerersLine] = [await TcpProxy.before(world.vhost.url), await TcpProxy.before(world.vhost.url)];
    opened.push(askersLine, answerersLine);
    const service = await answering(answerersLine.through(world.vhost.url));
    const { queries } = await asking(2000, askersLine.through(world.vhost.url));
    for (const line of [askersLine, answerersLine]) {
      line.refuse();
      line.cut();
    }
    await eventually(() => expect(queries.ask(AskThing, { n: 1 })).rejects.toThrow('the broker is away'));
    await eventually(() => expect(service.complaints()).toContain('test.ask has no consumer'));
    for (const line of [askersLine, answerersLine]) line.restore();
    await eventually(async () => expect(await queries.ask(AskThing, { n: 1 })).toEqual({ n: 2 }), { within: 20_000 });
    await eventually(() => expect(service.complaints()).toEqual([]));
    await service.stop();
  });

  it('goes away under a question: it fails then, not after the time-out', async () => {
    await answering();
    const line = await TcpProxy.before(world.vhost.url);
    opened.push(line);
    const { queries } = await asking(60_000, line.through(world.vhost.url));
    const begun = new Promise<void>((resolve) => {
      handler = async (question) => {
        resolve();
        return question;
      };
    });
    line.hold('server-to-client');
    const failure = queries.ask(AskThing, { n: 1 }).catch((error: unknown) => error);
    await begun;
    line.cut();
    expect(await failure).toEqual(new NoAnswer('the broker went away'));
  });

  it('has blocked the connection: a question fails at once, and nothing is written', async () => {
    await answering();
    const { queries, connection } = await asking();
    connection.model!.emit('blocked', 'low on disk');
    await expect(queries.ask(AskThing, { n: 1 })).rejects.toThrow('the broker takes nothing: low on disk');
    connection.model!.emit('unblocked');
    await expect(queries.ask(AskThing, { n: 1 })).resolves.toEqual({ n: 2 });
  });

  it('has lost the queue: it is declared again, and the consumer that Nest would lose for good comes back', async () => {
    const service = await answering();
    await channel.deleteQueue(AskThing.name);
    const { queries } = await asking(500);
    await eventually(async () => expect(await queries.ask(AskThing, { n: 2 })).toEqual({ n: 4 }));
    expect(service.complaints()).toEqual([]);
  });
});

describe('the one who answers', () => {
  it('is not ended by what is no question, or by one that says nowhere to answer to', async () => {
    await answering();
    const { queries } = await asking();
    channel.sendToQueue(AskThing.name, Buffer.from('no JSON'), { correlationId: '1' });
    channel.sendToQueue(AskThing.name, Buffer.from('{"pattern":"test.ask","data":{"n":1},"id":"1"}'));
    channel.sendToQueue(AskThing.name, Buffer.from('null'), { replyTo: 'nobody.there', correlationId: '2' });
    await expect(queries.ask(AskThing, { n: 1 })).resolves.toEqual({ n: 2 });
  });

  it('takes a few at once and leaves the rest in the queue', async () => {
    await answering();
    const { queries } = await asking();
    let open = (): void => {};
    const gate = new Promise<void>((resolve) => (open = resolve));
    let [now, most] = [0, 0];
    handler = async (question) => {
      most = Math.max(most, (now += 1));
      await gate;
      now -= 1;
      return question;
    };
    const asked = Array.from({ length: 20 }, (_, n) => queries.ask(AskThing, { n }));
    await eventually(() => expect(now).toBe(4));
    open();
    await Promise.all(asked);
    expect(most).toBe(4);
  });

  it('finishes what is in hand when it stops', async () => {
    const service = await answering();
    const { queries } = await asking();
    let open = (): void => {};
    const asked = new Promise<void>((begun) => {
      handler = (question) =>
        new Promise((resolve) => {
          open = () => resolve(question);
          begun();
        });
    });
    const answer = queries.ask(AskThing, { n: 1 });
    await asked;
    const stopped = service.stop();
    await eventually(() => expect(service.complaints()).toContain('test.ask has no consumer'));
    open();
    await expect(answer).resolves.toEqual({ n: 1 });
    await stopped;
  });
});

it('refuses to say an event, which would be lost with the process', async () => {
  const { client } = await asking();
  await expect(firstValueFrom(client.emit('thing.happened.v1', { n: 1 }))).rejects.toThrow('tx.publish');
});
