import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { DeliverWebhook, NoticeIssued, WebhookEndpointDisabled, type NoticeKind } from '#libs/contracts';
import { asOperator, eventually, MessageProbe } from '#libs/testing';
import { webhookTries } from '../../metrics.js';
import { notificationFixture, type NotificationFixture } from '../../notification.spec-support.js';
import { OverdueDeliveries } from './overdue-deliveries.js';
import { verified, webhookReceiver } from './webhook-receiver.spec-support.js';

interface Endpoint {
  id: string;
  status: string;
  disabled: { reason: string } | null;
  failedInARow: number;
  secret: string;
}

interface Delivery {
  id: string;
  endpointId: string;
  orderId: string;
  eventType: string;
  status: string;
  attempts: { at: string; durationMs: number; answerStatus: number | null; error: string | null }[];
  nextAttemptAt: string | null;
}

describe('the webhook channel', () => {
  let service: NotificationFixture;
  let receiver: Awaited<ReturnType<typeof webhookReceiver>>;
  let events: MessageProbe;

  beforeAll(async () => {
    receiver = await webhookReceiver();
    service = await notificationFixture({
      WEBHOOK_ALLOWED_NETWORKS: '127.0.0.0/8',
      WEBHOOK_ALLOW_HTTP: 'true',
      WEBHOOK_RETRY_SECONDS: '1,1',
      WEBHOOK_DISABLE_AFTER_FAILED: '2',
      WEBHOOK_AT_ONCE: '3',
      WEBHOOK_TIMEOUT_SECONDS: '1',
      WEBHOOK_GRACE_SECONDS: '0',
      WEBHOOK_SWEEP_INTERVAL_MS: '3600000',
      OPERATORS_EMAIL: 'operators@orderly.example',
    });
    events = await MessageProbe.listen(service.vhost.url, 'orderly.events');
  }, 60_000);

  afterAll(async () => {
    await events?.close();
    await service?.close();
    await receiver?.close();
  }, 30_000);

  let path: string;
  beforeEach(async () => {
    path = `/${randomUUID()}`;
    // Each test has its own.
    await service.database.query('DELETE FROM webhook_endpoints');
  });

  const call = async (method: string, url: string, body?: object) => {
    const response = await fetch(service.baseUrl + url, {
      method,
      headers: { ...asOperator('olga'), ...(body && { 'content-type': 'application/json' }) },
      ...(body && { body: JSON.stringify(body) }),
    });
    return { status: response.status, body: response.status === 204 ? undefined : await response.json() };
  };
  const register = async (eventTypes: string[] = ['order.paid'], url = receiver.url(path)): Promise<Endpoint> => {
    const { status, body } = await call('POST', '/webhook-endpoints', { url, eventTypes });
    expect(status).toBe(201);
    return body as Endpoint;
  };
  const endpoint = async ({ id }: Endpoint) => (await call('GET', `/webhook-endpoints/${id}`)).body as Endpoint;
  const deliveries = async (filter: string) =>
    ((await call('GET', `/webhook-deliveries?${filter}`)).body as { items: Delivery[]; next: string | null }).items;
  const deliveriesTo = ({ id }: Endpoint) => deliveries(`endpointId=${id}`);
  const becomes = (one: Endpoint, statuses: string[], within = 10_000) =>
    eventually(
      async () => {
        const found = await deliveriesTo(one);
        expect(found.map(({ status }) => status)).toEqual(statuses);
        return found;
      },
      { within },
    );
  const aNotice = (kind: NoticeKind = 'order-paid') => ({
    ...NoticeIssued.example,
    eventId: randomUUID(),
    orderId: randomUUID(),
    kind,
    at: '2026-11-22T12:00:03.000Z',
  });
  const handled = (messageId: string, queue: string) =>
    eventually(async () => {
      const rows = await service.database.query('SELECT 1 FROM inbox WHERE message_id = $1 AND consumer = $2', [messageId, queue]);
      expect(rows).toHaveLength(1);
    });

  it('sends an event, signed, to the endpoint that wants its type, and logs it', async () => {
    const registered = await register();
    await register(['order.placed'], receiver.url(`${path}/other`));
    const notice = aNotice();
    await service.say(NoticeIssued, notice);
    const [delivery] = await becomes(registered, ['delivered']);
    const [received, ...more] = receiver.at(path);
    expect(more).toEqual([]);
    expect(verified(received!, registered.secret)).toEqual({
      type: 'order.paid',
      timestamp: notice.at,
      data: { eventId: notice.eventId, orderId: notice.orderId, customerId: 'alice', subject: notice.subject },
    });
    expect(received!.headers).toMatchObject({ 'webhook-id': delivery!.id, 'content-type': 'application/json' });
    expect(delivery).toMatchObject({ orderId: notice.orderId, eventType: 'order.paid', nextAttemptAt: null });
    expect(delivery!.attempts).toEqual([{ at: expect.any(String), durationMs: expect.any(Number), answerStatus: 204, error: null }]);
    expect(() => verified(received!, `whsec_${Buffer.from('another').toString('base64')}`)).toThrow('No matching signature');
    expect(receiver.at(`${path}/other`)).toEqual([]);
  });

  it('tells each endpoint of the types that it wants, and of no other that comes along', async () => {
    const paid = await register(['order.paid'], receiver.url(`${path}/paid`));
    const placed = await register(['order.placed', 'order.expired'], receiver.url(`${path}/placed`));
    const notices = Array.from({ length: 3 }, () => [aNotice('order-paid'), aNotice('order-placed')]).flat();
    await Promise.all(notices.map((notice) => service.say(NoticeIssued, notice)));
    for (const [one, type] of [
      [paid, 'order.paid'],
      [placed, 'order.placed'],
    ] as const) {
      const told = await becomes(one, ['delivered', 'delivered', 'delivered']);
      expect(new Set(told.map(({ eventType }) => eventType))).toEqual(new Set([type]));
    }
    expect(receiver.at(`${path}/paid`)).toHaveLength(3);
  });

  it('sends once though each of its messages is delivered twice, and the notice is issued twice', async () => {
    const registered = await register();
    const notice = aNotice();
    const message = await service.say(NoticeIssued, notice);
    await service.say(NoticeIssued, notice, message);
    await handled(await service.say(NoticeIssued, notice), 'notification.webhook');
    const [delivery] = await becomes(registered, ['delivered']);
    const { id: deliveryId, orderId } = delivery!;
    const wish = await service.say(DeliverWebhook, { deliveryId, orderId, attempt: 1 });
    await service.say(DeliverWebhook, { deliveryId, orderId, attempt: 1 }, wish);
    await handled(wish, 'notification.deliver-webhook');
    expect(receiver.at(path)).toHaveLength(1);
    expect((await deliveriesTo(registered))[0]!.attempts).toHaveLength(1);
  });

  it('makes a try once though two messages ask for it while it is under way', async () => {
    const registered = await register();
    let release = () => {};
    receiver.answer(path, (_, answer) => void (release = () => answer.writeHead(200).end()));
    await service.say(NoticeIssued, aNotice());
    await eventually(() => expect(receiver.at(path)).toHaveLength(1));
    const [delivery] = await deliveriesTo(registered);
    const again = await service.say(DeliverWebhook, { deliveryId: delivery!.id, orderId: delivery!.orderId, attempt: 1 });
    const putOff = () => service.database.query('SELECT 1 FROM standing_retries WHERE message_id = $1', [again]);
    await eventually(async () => expect(await putOff()).toHaveLength(1));
    release();
    await becomes(registered, ['delivered']);
    expect(receiver.at(path)).toHaveLength(1);
  });

  it('leaves a try that is under way its end, though its endpoint is disabled and its message comes again', async () => {
    const registered = await register();
    let release = () => {};
    receiver.answer(path, (_, answer) => void (release = () => answer.writeHead(200).end()));
    await service.say(NoticeIssued, aNotice());
    await eventually(() => expect(receiver.at(path)).toHaveLength(1));
    await service.database.query(`UPDATE webhook_endpoints SET status = 'disabled', disabled_reason = 'failing', disabled_at = now()`);
    const [delivery] = await deliveriesTo(registered);
    const again = await service.say(DeliverWebhook, { deliveryId: delivery!.id, orderId: delivery!.orderId, attempt: 1 });
    const looked = () =>
      service.database.query(
        `SELECT message_id FROM standing_retries WHERE message_id = $1 UNION ALL SELECT message_id FROM inbox WHERE message_id = $1`,
        [again],
      );
    await eventually(async () => expect(await looked()).toHaveLength(1));
    release();
    await becomes(registered, ['delivered']);
  });

  it('tries again under the same id with the same bytes, until it is accepted', async () => {
    const registered = await register();
    receiver.status(path, 500, 302, 200);
    await service.say(NoticeIssued, aNotice());
    const [delivery] = await becomes(registered, ['delivered']);
    const tries = receiver.at(path);
    expect(delivery!.attempts.map(({ answerStatus }) => answerStatus)).toEqual([500, 302, 200]);
    expect(new Set(tries.map(({ headers }) => headers['webhook-id']))).toEqual(new Set([delivery!.id]));
    expect(new Set(tries.map(({ body }) => body)).size).toBe(1);
    for (const one of tries) verified(one, registered.secret);
  });

  it('gives up an endpoint after failures in a row, tells operators, and goes on when one of them has enabled it', async () => {
    const registered = await register();
    receiver.status(path, 500);
    const notices = [aNotice(), aNotice()];
    for (const notice of notices) await service.say(NoticeIssued, notice);
    await becomes(registered, ['failed', 'failed']);
    expect(await endpoint(registered)).toMatchObject({ status: 'disabled', disabled: { reason: 'failing' }, failedInARow: 2 });
    const { body } = await events.first(
      WebhookEndpointDisabled.name,
      ({ body: said }) => (said as { endpointId: string }).endpointId === registered.id,
    );
    expect(body).toMatchObject({ host: `127.0.0.1:${receiver.port}`, reason: 'failing' });
    await eventually(() =>
      expect(service.smtp.mails.filter(({ text }) => text.includes(registered.id))).toMatchObject([{ to: 'operators@orderly.example' }]),
    );

    const missed = aNotice();
    await handled(await service.say(NoticeIssued, missed), 'notification.webhook');
    const [failed] = await deliveriesTo(registered);
    expect(await call('POST', `/webhook-deliveries/${failed!.id}/redeliver`)).toMatchObject({
      status: 409,
      body: { type: '/problems/webhook-endpoint-disabled' },
    });
    expect(await call('PATCH', `/webhook-endpoints/${registered.id}`, { enabled: true })).toMatchObject({
      status: 200,
      body: { status: 'enabled', disabled: null, failedInARow: 0 },
    });

    receiver.status(path, 200);
    expect(await call('POST', `/webhook-deliveries/${failed!.id}/redeliver`)).toMatchObject({ status: 202, body: { status: 'pending' } });
    await becomes(registered, ['delivered', 'failed']);
    const [again] = await deliveries(`endpointId=${registered.id}&status=delivered`);
    expect(again!.attempts.map(({ answerStatus }) => answerStatus)).toEqual([500, 500, 500, 200]);
    expect(receiver.at(path).at(-1)!.headers['webhook-id']).toBe(failed!.id);
    expect(await deliveries(`orderId=${missed.orderId}`)).toEqual([]);
  }, 30_000);

  it('gives up an endpoint at once that says it is gone', async () => {
    const registered = await register();
    receiver.status(path, 410);
    await service.say(NoticeIssued, aNotice());
    await becomes(registered, ['failed']);
    expect(await endpoint(registered)).toMatchObject({ status: 'disabled', disabled: { reason: 'gone' } });
    expect(receiver.at(path)).toHaveLength(1);
  });

  it('ends what waits at an endpoint that is disabled, and what is under way no less', async () => {
    const registered = await register();
    receiver.status(path, 500);
    await service.say(NoticeIssued, aNotice());
    await eventually(() => expect(receiver.at(path)).toHaveLength(1));
    await call('PATCH', `/webhook-endpoints/${registered.id}`, { enabled: false });
    await becomes(registered, ['failed']);
    expect(receiver.at(path)).toHaveLength(1);
    expect(await endpoint(registered)).toMatchObject({ disabled: { reason: 'operator' } });
  });

  it('lets an endpoint that never answers hold up no other, and bounds what is under way at it', async () => {
    const dead = await register(['order.placed'], receiver.url(`${path}/dead`));
    receiver.answer(`${path}/dead`, () => {});
    const alive = await register();
    receiver.mostUnderWay = 0;
    await Promise.all(Array.from({ length: 80 }, () => service.say(NoticeIssued, aNotice('order-placed'))));
    await eventually(() => expect(receiver.at(`${path}/dead`).length).toBeGreaterThan(0));
    await service.say(NoticeIssued, aNotice());
    await becomes(alive, ['delivered']);
    expect(receiver.mostUnderWay).toBeLessThanOrEqual(4);
    const [tried] = await eventually(async () => {
      const found = (await deliveries(`endpointId=${dead.id}&limit=100`)).filter(({ attempts }) => attempts.length > 0);
      expect(found.length).toBeGreaterThan(0);
      return found;
    });
    expect(tried!.attempts[0]).toMatchObject({ answerStatus: null, error: 'timeout' });
  }, 30_000);

  it('sends a try anew whose message was lost while it waited', async () => {
    const registered = await register();
    await service.database.query(
      `INSERT INTO webhook_deliveries (id, endpoint_id, event_id, order_id, event_type, payload, next_attempt_at)
       VALUES ($1, $2, $1, $1, 'order.paid', '{}', now() - interval '1 s')`,
      [randomUUID(), registered.id],
    );
    expect(await service.app.get(OverdueDeliveries).sweep()).toBe(1);
    await becomes(registered, ['delivered']);
    expect(await service.app.get(OverdueDeliveries).sweep()).toBe(0);
  });

  it('tells by metrics what came of the tries', async () => {
    const { values } = await webhookTries.get();
    const counted = Object.fromEntries(values.map(({ labels, value }) => [labels.outcome, value]));
    for (const outcome of ['delivered', 'retried', 'failed', 'postponed']) expect(counted[outcome]).toBeGreaterThan(0);
    const metrics = await (await fetch(`${service.baseUrl}/metrics`)).text();
    expect(metrics).toMatch(/^orderly_webhook_deliveries_waiting \d+$/m);
    expect(metrics).toMatch(/^orderly_webhook_endpoints_disabled \d+$/m);
  });

  describe('its endpoints', () => {
    it('show their secret once, and keep it encrypted', async () => {
      const registered = await register();
      expect(registered.secret).toMatch(/^whsec_[A-Za-z0-9+/]{43}=$/);
      const shown = JSON.stringify([(await call('GET', '/webhook-endpoints')).body, await endpoint(registered)]);
      expect(shown).not.toContain('whsec_');
      const [{ whole }] = await service.database.query('SELECT encode(secret, $2) AS whole FROM webhook_endpoints WHERE id = $1', [
        registered.id,
        'escape',
      ]);
      expect(whole).not.toContain(registered.secret.slice(6));
      expect(whole).not.toContain(Buffer.from(registered.secret.slice(6), 'base64').toString('latin1'));
    });

    it.each([
      ['https://169.254.169.254/', 'address-refused'],
      ['https://10.0.0.1/', 'address-refused'],
      ['https://[::ffff:10.0.0.1]/', 'address-refused'],
      ['https://me:secret@shop.example/', 'credentials-in-url'],
      ['ftp://shop.example/', 'not-https'],
      ['nonsense', 'invalid-url'],
    ])('are not taken at %s: %s', async (url, code) => {
      expect(await call('POST', '/webhook-endpoints', { url, eventTypes: ['order.paid'] })).toMatchObject({
        status: 422,
        body: { type: '/problems/validation', errors: [{ pointer: '#/url', code }] },
      });
    });

    it.each([
      ['no type', []],
      ['a type that there is not', ['order.admired']],
      ['a type twice', ['order.paid', 'order.paid']],
    ])('are refused with %s', async (_, eventTypes) => {
      expect((await call('POST', '/webhook-endpoints', { url: receiver.url(path), eventTypes })).status).toBe(422);
    });

    it('are listed page by page, and gone when they are removed, with their log', async () => {
      const first = await register();
      const second = await register();
      await service.say(NoticeIssued, aNotice());
      await becomes(first, ['delivered']);
      const page = (await call('GET', '/webhook-endpoints?limit=1')).body as { items: Endpoint[]; next: string };
      const rest = (await call('GET', `/webhook-endpoints?limit=1&after=${page.next}`)).body as { items: Endpoint[] };
      expect([page, rest].flatMap(({ items }) => items.map(({ id }) => id))).toEqual([second.id, first.id]);
      expect((await call('DELETE', `/webhook-endpoints/${first.id}`)).status).toBe(204);
      expect((await call('DELETE', `/webhook-endpoints/${first.id}`)).status).toBe(404);
      expect((await call('GET', `/webhook-endpoints/${first.id}`)).status).toBe(404);
      expect(await deliveriesTo(first)).toEqual([]);
    });
  });

  describe('its log', () => {
    it('is filtered, and paged with a cursor that is good for the filter alone', async () => {
      const registered = await register(['order.paid', 'order.placed']);
      for (const kind of ['order-paid', 'order-paid', 'order-placed'] as const) await service.say(NoticeIssued, aNotice(kind));
      await becomes(registered, ['delivered', 'delivered', 'delivered']);
      const paid = `endpointId=${registered.id}&eventType=order.paid&limit=1`;
      const page = (await call('GET', `/webhook-deliveries?${paid}`)).body as { items: Delivery[]; next: string };
      const rest = (await call('GET', `/webhook-deliveries?${paid}&after=${page.next}`)).body as typeof page;
      const seen = [page, rest].flatMap(({ items }) => items);
      expect(seen.map(({ eventType }) => eventType)).toEqual(['order.paid', 'order.paid']);
      expect(new Set(seen.map(({ id }) => id)).size).toBe(2);
      expect(rest.next).toBeNull();
      expect((await call('GET', `/webhook-deliveries?limit=1&after=${page.next}`)).status).toBe(400);
      expect(await deliveries(`endpointId=${registered.id}&status=failed`)).toEqual([]);
      expect(await deliveries(`orderId=${seen[0]!.orderId}`)).toHaveLength(1);
      expect((await call('GET', `/webhook-deliveries/${seen[0]!.id}`)).body).toEqual(seen[0]);
    });

    it('has nothing to redeliver of what is not there, or under way', async () => {
      expect(await call('POST', `/webhook-deliveries/${randomUUID()}/redeliver`)).toMatchObject({ status: 404 });
      const registered = await register();
      receiver.answer(path, () => {});
      await service.say(NoticeIssued, aNotice());
      const [delivery] = await becomes(registered, ['pending']);
      expect(await call('POST', `/webhook-deliveries/${delivery!.id}/redeliver`)).toMatchObject({
        status: 409,
        body: { type: '/problems/webhook-delivery-pending' },
      });
    });
  });
});
