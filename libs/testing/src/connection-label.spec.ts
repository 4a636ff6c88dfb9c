import { describe, expect, it } from 'vitest';
import { connectionLabel } from './connection-label.js';

const amqpField = (name: string) => {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(Buffer.byteLength(name));
  return Buffer.concat([Buffer.from('AMQP\0\0\x09\x01…'), Buffer.from('\x0fconnection_nameS'), length, Buffer.from(name)]);
};

describe('the label of a connection', () => {
  it('is the connection name among the client properties of AMQP', () => {
    expect(connectionLabel(amqpField('order-1:publish'))).toBe('order-1:publish');
  });

  it('is the application name of a Postgres startup message', () => {
    expect(connectionLabel(Buffer.from('\0\x03\0\0user\0orderly\0application_name\0order\0\0'))).toBe('order');
  });

  it('is unknown until the whole name has been said', () => {
    const whole = amqpField('order-1:consume');
    for (let length = 0; length < whole.length; length++) expect(connectionLabel(whole.subarray(0, length))).toBeUndefined();
  });
});
