import amqplib from 'amqplib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { emptyDatabase, freePort, ServiceProcess, testVhost, type TestVhost } from '#libs/testing';

let vhost: TestVhost;
let database: Awaited<ReturnType<typeof emptyDatabase>>;

beforeAll(async () => {
  [vhost, database] = await Promise.all([testVhost(), emptyDatabase('order')]);
});
afterAll(async () => {
  await Promise.all([vhost.drop(), database.drop()]);
});

/** How the order service ends when it is started like this, what it says, and the last line of its log. */
async function start(env: Record<string, string>) {
  const service = await ServiceProcess.start('order', {
    DATABASE_URL: database.url,
    RABBITMQ_URL: vhost.url,
    CURSOR_SECRET: 'a secret for tests only',
    RABBITMQ_CONNECT_ATTEMPTS: '2',
    DATABASE_CONNECT_ATTEMPTS: '2',
    ...env,
  });
  const { code } = await service.exited;
  return { code, said: service.output, last: service.log.at(-1) };
}

describe('a service that cannot start', () => {
  it('exits with 78 and names each difference when the broker has something else than the topology', async () => {
    const client = await amqplib.connect(vhost.url);
    const channel = await client.createChannel();
    await channel.assertQueue('order.settle-order', { durable: true, arguments: { 'x-queue-type': 'quorum', 'x-delivery-limit': 3 } });
    await client.close();
    const { code, said } = await start({});
    expect(code).toBe(78);
    expect(said).toMatch(/queue order\.settle-order: x-\S+ is .* on the broker, .* in the topology/);
    expect(await vhost.depth('order.settle-order')).toEqual({ messages: 0, consumers: 0 });
  });

  it('exits with 69 when there is no broker, after its attempts, which its last line counts', async () => {
    const { code, said, last } = await start({ RABBITMQ_URL: `amqp://guest:secret-password@127.0.0.1:${await freePort()}` });
    expect(code).toBe(69);
    expect(said).toMatch(/no broker at amqp:.* after 2 attempts/);
    expect(last).toMatchObject({ level: 'fatal', msg: expect.stringMatching(/orderly_connect_failures_total\{peer="rabbitmq"\} [2-4]$/) });
    expect(said).not.toContain('secret-password');
  });

  it('exits with 69 when there is no database, after its attempts, which its last line counts', async () => {
    const { code, said, last } = await start({ DATABASE_URL: `postgres://order:secret-password@127.0.0.1:${await freePort()}/order` });
    expect(code).toBe(69);
    expect(said).toMatch(/the database .* cannot be reached, after 2 attempts/);
    expect(last).toMatchObject({ level: 'fatal', msg: expect.stringMatching(/orderly_connect_failures_total\{peer="postgres"\} 2$/) });
    expect(said).not.toContain('secret-password');
  });

  it('exits with 78 when nothing says whose tokens it is to take: there is no mode without callers', async () => {
    const { code, said } = await start({ JWT_ISSUER: '', JWT_AUDIENCE: '', JWT_JWKS_FILE: '' });
    expect(code).toBe(78);
    for (const fault of ['JWT_ISSUER: is not set', 'JWT_AUDIENCE: is not set', 'JWT_JWKS_URL: is not set, nor is JWT_JWKS_FILE'])
      expect(said).toContain(fault);
  });

  it('exits with 78 and names every variable that is bad', async () => {
    const { code, said } = await start({ RABBITMQ_URL: 'http://nonsense', CURSOR_SECRET: 'short', PAYMENT_WINDOW_SECONDS: 'soon' });
    expect(code).toBe(78);
    for (const variable of ['RABBITMQ_URL', 'CURSOR_SECRET', 'PAYMENT_WINDOW_SECONDS']) expect(said).toContain(variable);
  });
});
