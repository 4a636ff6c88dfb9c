import type { ConsumeMessage } from 'amqplib';
import { describe, expect, it } from 'vitest';
import { forParking, forRetry } from './dead-letters.js';

const message = { properties: { headers: {}, messageId: 'm-1', type: 'order.placed.v1' }, content: Buffer.from('{}'), fields: {} };

describe('what a message failed with', () => {
  it('goes on with it without passwords, e-mail addresses and card numbers', () => {
    const error = new Error('amqp://orderly:hunter2@broker does not know alice@example.com, who has 4242 4242 4242 4242');
    const delay = { name: 'delay', lanes: [1], levels: 2 };
    for (const { headers } of [
      forParking(message as unknown as ConsumeMessage, 'a.queue', 'permanent', error, 'dead-letters'),
      forRetry(message as unknown as ConsumeMessage, 'a.queue', { afterSeconds: 1, attempt: 2 }, error, delay),
    ]) {
      expect(headers).toMatchObject({
        'orderly-error': 'Error: amqp://orderly:[secret]@broker does not know [e-mail], who has [card number]',
      });
    }
  });
});
