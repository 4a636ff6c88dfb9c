import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { topology } from '#libs/contracts';
import { declarationsOf } from './declare-topology.js';
import { levelName, longestDelaySeconds, routeDelayed } from './delay.js';

const { delay } = topology;
const declared = declarationsOf(topology);

/** RabbitMQ's topic match: `*` is one word, `#` any number of them. */
function matches(pattern: readonly string[], key: readonly string[]): boolean {
  const [head, ...rest] = pattern;
  if (head === undefined) return key.length === 0;
  if (head === '#') return matches(rest, key) || (key.length > 0 && matches(pattern, key.slice(1)));
  return key.length > 0 && (head === '*' || head === key[0]) && matches(rest, key.slice(1));
}

/** Walks a message through the declared exchanges and queues as the broker would: where it ends, and after how many seconds. */
function walk(exchange: string, routingKey: string): { queue: string; seconds: number }[] {
  const bindings = declared.bindings.filter(({ from, pattern }) => from === exchange && matches(pattern.split('.'), routingKey.split('.')));
  return bindings.flatMap((binding) => {
    if (binding.exchange) return walk(binding.to, routingKey);
    const { arguments: args } = declared.queues.find(({ name }) => name === binding.to)!;
    if (args['x-message-ttl'] === undefined) return [{ queue: binding.to, seconds: 0 }];
    return walk(String(args['x-dead-letter-exchange']), routingKey).map((end) => ({
      queue: end.queue,
      seconds: end.seconds + Number(args['x-message-ttl']) / 1000,
    }));
  });
}

const queues = Object.keys(topology.queues);

describe('the delay service', () => {
  it('keeps a message for exactly its delay and brings it to its one queue, whatever the delay', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: longestDelaySeconds(delay) }), fc.constantFrom(...queues), (seconds, queue) => {
        const route = routeDelayed(seconds, queue, delay);
        expect(walk(route.exchange, route.routingKey)).toEqual([{ queue, seconds }]);
      }),
    );
  });

  it.each(delay.lanes)('has a lane of one hop for the common delay of %i s', (seconds) => {
    expect(routeDelayed(seconds, 'order.expire-order', delay)).toEqual({
      exchange: 'orderly.delay',
      routingKey: `lane-${seconds}.order.expire-order`,
    });
  });

  it('enters the cascade at the highest digit, so a short delay passes few exchanges', () => {
    expect(routeDelayed(4, 'order.expire-order', delay).exchange).toBe(levelName(delay, 2));
  });

  it('rounds a part of a second up, because early is wrong and late is not', () => {
    const route = routeDelayed(6.01, 'order.expire-order', delay);
    expect(walk(route.exchange, route.routingKey)).toEqual([{ queue: 'order.expire-order', seconds: 7 }]);
  });

  it('delivers at once what is due already', () => {
    const route = routeDelayed(-3, 'order.expire-order', delay);
    expect(walk(route.exchange, route.routingKey)).toEqual([{ queue: 'order.expire-order', seconds: 0 }]);
  });

  it.each([longestDelaySeconds(delay) + 1, Number.POSITIVE_INFINITY, Number.NaN])('refuses a delay of %d s', (seconds) => {
    expect(() => routeDelayed(seconds, 'order.expire-order', delay)).toThrow(RangeError);
  });
});
