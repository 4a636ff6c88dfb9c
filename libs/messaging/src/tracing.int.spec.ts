import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { startTracing } from '#libs/service';
import { eventually, MessageProbe, SpanCollector } from '#libs/testing';
import { DoThing, messagingFixture, recordEffects, ThingHappened, type MessagingFixture } from './messaging.spec-support.js';
import type { Messaging } from './messaging.js';

const traceId = '0af7651916cd43dd8448eb211c80319c';
const traceparent = `00-${traceId}-b7ad6b7169203331-01`;

let fixture: MessagingFixture;
let collector: SpanCollector;
let endTracing: () => Promise<void>;

beforeAll(async () => {
  [fixture, collector] = await Promise.all([messagingFixture(), SpanCollector.start()]);
});
afterAll(async () => {
  await fixture.drop();
  await collector.close();
});
beforeEach(async () => {
  endTracing = await startTracing({
    service: 'test',
    instance: 'test-1',
    config: { OTEL_EXPORTER_OTLP_ENDPOINT: collector.url, OTEL_TRACES_SAMPLER_ARG: 1, OTEL_BSP_SCHEDULE_DELAY: 50 },
  });
});
afterEach(async () => {
  await fixture.reset();
  await endTracing();
  collector.spans.length = 0;
});

/** A service that says one thing more for each that it hears. */
async function answering(): Promise<Messaging> {
  const messaging = fixture.service();
  messaging.handle('test.on-thing', async (messages, tx) => {
    for (const message of messages) {
      const { n } = message.data as { n: number };
      if (n === 13) throw new Error('thirteen');
      tx.publish(DoThing, { n }, { subject: message.subject, causedBy: message });
    }
  });
  messaging.handle('test.do-thing', recordEffects('test.do-thing'));
  await messaging.start();
  return messaging;
}

const sayAll = (messaging: Messaging, numbers: readonly number[]) =>
  messaging.transactions.run(async (tx) => {
    for (const n of numbers) tx.publish(ThingHappened, { n }, { subject: `s-${n}`, traceparent });
  });

const named = (name: string) => collector.spans.filter((span) => span.name === name);

describe('a batch in a trace', () => {
  it('is one piece of work that links to each of its messages, and what follows from each stays in the trace of that', async () => {
    const messaging = await answering();
    const numbers = Array.from({ length: 20 }, (_, index) => index + 20);
    await sayAll(messaging, numbers);
    await eventually(async () => expect(await fixture.effects()).toHaveLength(20));
    const saidIds = await eventually(() => {
      expect(named('thing.happened.v1 publish')).toHaveLength(20);
      expect(named('thing.do.v1 publish')).toHaveLength(20);
      return named('thing.happened.v1 publish').map(({ spanId }) => spanId);
    });
    await eventually(() => {
      const causes = named('test.on-thing process').flatMap(({ links, parentSpanId }) =>
        parentSpanId === undefined ? links.map(({ spanId }) => spanId) : [parentSpanId],
      );
      expect(new Set(causes)).toEqual(new Set(saidIds));
    });
    const batches = named('test.on-thing process').filter(({ links }) => links.length > 1);
    expect(batches.length).toBeGreaterThan(0);
    for (const batch of batches) {
      expect(batch.parentSpanId).toBeUndefined();
      expect(batch.attributes['messaging.batch.message_count']).toBe(batch.links.length);
    }
    expect(named('thing.do.v1 publish').map((span) => span.traceId)).toEqual(Array(20).fill(traceId));
  });

  it('that fails is shown as failed, and then each message alone, to the retry and the dead letter of the one to blame', async () => {
    const messaging = await answering();
    await sayAll(messaging, [11, 12, 13, 14]);
    await eventually(() => expect(named('test.on-thing dead-letter')).toHaveLength(1), { within: 15_000 });
    const [letter] = named('test.on-thing dead-letter');
    const way: string[] = [];
    for (let span = letter; span; span = collector.spans.find(({ spanId }) => spanId === span?.parentSpanId)) way.push(span.name);
    expect(way).toEqual([
      'test.on-thing dead-letter',
      'test.on-thing process',
      'test.on-thing retry',
      'test.on-thing process',
      'test.on-thing retry',
      'test.on-thing process',
      'thing.happened.v1 publish',
    ]);
    const failed = named('test.on-thing process').filter((span) => span.failed && span.attributes['orderly.order.id'] !== undefined);
    expect(failed.map(({ attributes }) => attributes['orderly.order.id'])).toEqual(['s-13', 's-13', 's-13']);
  });
});

describe('what is due later', () => {
  it('is handled in a trace of its own that links to who set it', async () => {
    const messaging = await answering();
    await messaging.transactions.run(async (tx) => {
      tx.publish(DoThing, { n: 1 }, { subject: 's', due: new Date(Date.now() + 900), traceparent });
    });
    const [handled] = await eventually(() => {
      expect(named('test.do-thing process')).toHaveLength(1);
      return named('test.do-thing process');
    });
    expect(handled!.parentSpanId).toBeUndefined();
    expect(handled!.links).toMatchObject([{ traceId, spanId: named('thing.do.v1 publish')[0]!.spanId }]);
  });
});

describe('a service whose spans nobody collects', () => {
  it('hands on the trace of what caused a message as it came', async () => {
    await endTracing();
    const probe = await MessageProbe.listen(fixture.vhost.url, 'orderly.commands', DoThing.name);
    const messaging = await answering();
    await sayAll(messaging, [1]);
    await eventually(() => expect(probe.messages.map(({ headers }) => headers['traceparent'])).toEqual([traceparent]));
    await probe.close();
    expect(collector.spans).toEqual([]);
  });
});
