import { randomUUID } from 'node:crypto';
import { connect } from 'amqplib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CapturePayment, envelopeToHeaders, topology } from '#libs/contracts';
import { eventually, SpanCollector, startWorld, type CollectedSpan, type World } from '#libs/testing';
import { Customer } from './customer.spec-support.js';

let collector: SpanCollector;
let world: World;

beforeAll(async () => {
  collector = await SpanCollector.start();
  world = await startWorld({
    console: true,
    // One at a time, so that each piece of work has the one message that caused it; batches have a spec of their own.
    env: { OTEL_EXPORTER_OTLP_ENDPOINT: collector.url, OTEL_BSP_SCHEDULE_DELAY: '100', BATCH_SIZE: '1' },
    // The provider is somebody else, and keeps its traces to itself.
    envOf: { 'psp-simulator': { OTEL_EXPORTER_OTLP_ENDPOINT: '' } },
  });
});
afterAll(async () => {
  await world?.stop();
  await collector?.close();
});

/** The trace of the one request that placed this customer's order. */
async function traceOf(path: string): Promise<string> {
  const span = await eventually(() => {
    const found = collector.spans.find(({ name, attributes }) => name === path && !seen.has(attributes));
    expect(found).toBeDefined();
    return found!;
  });
  seen.add(span.attributes);
  return span.traceId;
}
const seen = new Set<CollectedSpan['attributes']>();

const toldOf = (what: string) => [
  `${what} publish → notification.notify-customer process`,
  'notification.notify-customer process → notice.issued.v1 publish',
  'notice.issued.v1 publish → notification.email process',
  'notice.issued.v1 publish → notification.webhook process',
  'notification.email process → smtp send',
];

const once = (edges: readonly string[]) => [...new Set(edges)].toSorted();

/** Placing: what follows from it whether it is paid or not. */
const placing = ['POST /orders → order.placed.v1 publish', 'POST /orders → order.expire.v1 publish', ...toldOf('order.placed.v1')];

describe('one trace', () => {
  it('leads from the request that places an order to its mails, past a mail server that says later', async () => {
    const alice = new Customer(world);
    world.mails.refuse(451);
    const placed = await alice.place({ paymentMethod: 'pm_sim_approve_webhookNever' });
    await eventually(() => expect(world.mails.refused).toBeGreaterThanOrEqual(2));
    world.mails.accept();
    await alice.isTold(/We have your order/, /Your order is paid/);

    const traceId = await traceOf('POST /orders');
    const edges = [
      ...placing,
      'order.placed.v1 publish → payment.open-payment process',
      'payment.open-payment process → payment.capture.v1 publish',
      'payment.capture.v1 publish → payment.capture-payment process',
      'payment.capture-payment process → payment.capture-payment intend',
      'payment.capture-payment process → psp capture',
      'payment.capture-payment process → payment.capture-payment record',
      'payment.capture-payment process → payment.captured.v1 publish',
      'payment.captured.v1 publish → order.settle-order process',
      'order.settle-order process → order.paid.v1 publish',
      ...toldOf('order.paid.v1'),
      'notification.email process → notification.email intend',
      'notification.email process → notification.email record',
      'notification.email process → notification.email retry',
      'notification.email retry → notification.email process',
    ];
    await eventually(() => expect(collector.edgesOf(collector.connectedTo(traceId))).toEqual(once(edges)));
    const failed = collector.spans.filter((span) => span.traceId === traceId && span.failed).map(({ name }) => name);
    expect([...new Set(failed)].toSorted()).toEqual(['notification.email process', 'smtp send']);
    const complaint = world.notification.log.find(({ msg }) => /failed, attempt 1, again in 1 s/.test(String(msg)));
    expect(complaint).toMatchObject({
      traceId,
      spanId: expect.stringMatching(/^[0-9a-f]{16}$/),
      orderId: placed.id,
      messageId: expect.stringMatching(/^[0-9a-f-]{36}$/),
    });
  });

  it('is linked by the trace of what comes of it after a delay: the deadline, and the mail that says so', async () => {
    const carol = new Customer(world);
    await carol.place({ paymentWindowSeconds: 5 });
    await carol.isTold(/We have your order/, /Your order has expired/);

    const traceId = await traceOf('POST /orders');
    const expiring = await eventually(() => {
      const found = collector.connectedTo(traceId).find(({ name }) => name === 'order.expire-order process');
      expect(found).toBeDefined();
      return found!;
    });
    const edges = [
      ...placing,
      'order.placed.v1 publish → payment.open-payment process',
      'notification.email process → notification.email intend',
      'notification.email process → notification.email record',
      'order.expire.v1 publish ⇢ order.expire-order process',
    ];
    await eventually(() => expect(collector.edgesOf(collector.connectedTo(traceId))).toEqual(once(edges)));
    expect(expiring.parentSpanId).toBeUndefined();
    const afterwards = [
      'order.expire.v1 publish ⇢ order.expire-order process',
      'order.expire-order process → order.expired.v1 publish',
      'order.expired.v1 publish → payment.open-payment process',
      ...toldOf('order.expired.v1'),
      'notification.email process → notification.email intend',
      'notification.email process → notification.email record',
    ];
    await eventually(() =>
      expect(collector.edgesOf(collector.spans.filter((span) => span.traceId === expiring.traceId))).toEqual(once(afterwards)),
    );
  });

  it('leads on to the dead letter of a message that is given up, and to whoever collects it', async () => {
    const traceId = randomUUID().replaceAll('-', '');
    await say(`00-${traceId}-00f067aa0ba902b7-01`);
    const edges = [
      '? → payment.capture-payment process',
      'payment.capture-payment process → payment.capture-payment intend',
      'payment.capture-payment process → payment.capture-payment dead-letter',
      'payment.capture-payment dead-letter → orderly.dead-letters process',
    ];
    await eventually(() => expect(collector.edgesOf(collector.connectedTo(traceId))).toEqual(once(edges)));
  });

  it('is told of by attributes that tools know, and by ours', async () => {
    const publishing = collector.spans.find(({ name }) => name === 'order.placed.v1 publish')!;
    expect(publishing).toMatchObject({
      service: 'order',
      kind: 4,
      attributes: {
        'messaging.system': 'rabbitmq',
        'messaging.operation.name': 'publish',
        'messaging.operation.type': 'send',
        'messaging.destination.name': 'orderly.events:order.placed.v1',
        'messaging.rabbitmq.destination.routing_key': 'order.placed.v1',
        'messaging.message.id': expect.stringMatching(/^[0-9a-f-]{36}$/),
        'messaging.message.conversation_id': expect.stringMatching(/^[0-9a-f-]{36}$/),
        'orderly.order.id': expect.stringMatching(/^[0-9a-f-]{36}$/),
      },
    });
    const processing = collector.spans.find(({ name }) => name === 'payment.open-payment process')!;
    expect(processing).toMatchObject({
      service: 'payment',
      kind: 5,
      attributes: {
        'messaging.operation.type': 'process',
        'messaging.destination.name': 'payment.open-payment',
        'orderly.message.type': 'order.placed.v1',
        'orderly.message.attempt': 1,
      },
    });
  });
});

/** Commands the capture of an attempt that there is not, as part of a trace. */
async function say(traceparent: string): Promise<void> {
  const [id, orderId, paymentId, attemptId] = [randomUUID(), randomUUID(), randomUUID(), randomUUID()];
  const client = await connect(world.vhost.url);
  const channel = await client.createConfirmChannel();
  const headers = envelopeToHeaders({
    id,
    type: CapturePayment.name,
    source: '/spec',
    subject: orderId,
    time: new Date().toISOString(),
    correlationId: orderId,
    traceparent,
  });
  const body = Buffer.from(JSON.stringify({ orderId, paymentId, attemptId }));
  channel.publish(topology.exchanges.command.name, CapturePayment.name, body, { persistent: true, messageId: id, headers });
  await channel.waitForConfirms();
  await client.close();
}
