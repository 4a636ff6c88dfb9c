import { describe, expect, it, vi } from 'vitest';
import { changeLogLevel, ServiceLogger } from './logger.js';
import { runAs } from './trace-context.js';

function linesOf(log: (logger: ServiceLogger) => void, level = 'info'): Record<string, unknown>[] {
  const lines: string[] = [];
  log(new ServiceLogger({ service: 'order', instance: 'order-1', level, format: 'json' }, { write: (line) => void lines.push(line) }));
  return lines.map((line) => JSON.parse(line) as Record<string, unknown>);
}

describe('the log', () => {
  it('is one object a line, with service, instance and context, and whose story it belongs to', () => {
    const [line] = linesOf((logger) =>
      runAs({ traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01', orderId: 'o-1', messageId: 'm-1' }, () =>
        logger.log('hello', 'Relay'),
      ),
    );
    expect(line).toEqual({
      level: 'info',
      time: expect.stringMatching(/^\d{4}-.*Z$/),
      service: 'order',
      instance: 'order-1',
      context: 'Relay',
      msg: 'hello',
      traceId: '0af7651916cd43dd8448eb211c80319c',
      spanId: 'b7ad6b7169203331',
      orderId: 'o-1',
      messageId: 'm-1',
    });
  });

  it('keeps the stack of an error, however Nest hands it over', () => {
    const error = new Error('broken');
    const lines = linesOf((logger) => {
      logger.error(error);
      logger.error('broken', error.stack, 'Relay');
      logger.error('broken', error, 'Relay');
    });
    for (const line of lines) expect(line).toMatchObject({ level: 'error', msg: 'broken', stack: error.stack });
    expect(lines[2]).toMatchObject({ context: 'Relay' });
  });

  it('holds no secret, be it in the text or in the stack', () => {
    const [line] = linesOf((logger) => logger.error(new Error('cannot reach amqp://orderly:hunter2@broker for alice@example.com')));
    expect(JSON.stringify(line)).not.toMatch(/hunter2|alice/);
    expect(line).toMatchObject({ msg: 'cannot reach amqp://orderly:[secret]@broker for [e-mail]' });
  });

  it('is one line for people too, whatever the text would do to a terminal', () => {
    const written = vi.spyOn(process.stdout, 'write').mockReturnValue(true);
    try {
      new ServiceLogger({ service: 'order', instance: 'order-1', level: 'info', format: 'pretty' }).log(
        'one\r\n\u001b[2Kand no second',
        'Relay',
      );
      expect(written.mock.calls.map(([line]) => line)).toEqual([
        expect.stringMatching(/^[\d:.]+ INFO {2}\[Relay\] one\\u000d\\u000a\\u001b\[2Kand no second\n$/),
      ]);
    } finally {
      written.mockRestore();
    }
  });

  it('has another level from the moment that this is said', () => {
    const lines = linesOf((logger) => {
      logger.debug('before');
      changeLogLevel('debug');
      logger.debug('meanwhile');
      changeLogLevel('warn');
      logger.log('after');
    });
    expect(lines.map(({ msg }) => msg)).toEqual(['meanwhile']);
  });

  it('leaves out below its level, and the names of every route and module', () => {
    expect(
      linesOf((logger) => {
        logger.debug('detail', 'Relay');
        logger.log('Mapped {/orders, POST} route', 'RouterExplorer');
      }),
    ).toEqual([]);
  });
});
