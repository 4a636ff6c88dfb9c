import { describe, expect, it } from 'vitest';
import { receiversOf } from '../../demo/story/message-feed.js';

describe('what the story says of where a message goes', () => {
  it.each([
    ['orderly.events', 'order.placed.v1', 'order.placed.v1', ['payment.open-payment', 'notification.notify-customer']],
    ['orderly.commands', 'payment.capture.v1', 'payment.capture.v1', ['payment.capture-payment']],
    ['orderly.notices', 'notice.issued.v1', 'notice.issued.v1', ['notification.email', 'notification.webhook', 'every live stream']],
    ['orderly.delay', 'lane-5.order.expire-order', 'order.expire.v1', ['orderly.delay.lane-5']],
    ['orderly.delay.deliver', 'lane-5.order.expire-order', 'order.expire.v1', ['order.expire-order']],
    ['orderly.delay.deliver', '0.0.1.order.expire-order', 'order.expire.v1', ['order.expire-order']],
    ['orderly.dead-letters', 'order.settle-order', 'payment.captured.v1', ['orderly.dead-letters']],
    ['orderly.events', 'unheard.of.v1', 'unheard.of.v1', []],
  ])('from %s with the key %s', (exchange, routingKey, type, receivers) => {
    expect(receiversOf(exchange, routingKey, type)).toEqual(receivers);
  });
});
