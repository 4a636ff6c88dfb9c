import { describe, expect, it } from 'vitest';
import { BadUsage, readOptions } from '../../demo/options.js';

describe('the options of npm start', () => {
  it('play the story and stay, when there are none', () => {
    expect(readOptions([])).toMatchObject({ help: false, story: true, exit: false, port: 3001 });
  });

  it('are what was asked for', () => {
    expect(readOptions(['--no-story', '--port', '4001', '--folder', '/tmp/another'])).toEqual({
      help: false,
      story: false,
      exit: false,
      port: 4001,
      folder: '/tmp/another',
    });
    expect(readOptions(['--exit'])).toMatchObject({ story: true, exit: true });
  });

  it.each([['--nonsense'], ['nonsense'], ['--port', '1'], ['--port', '65533'], ['--port', 'high'], ['--port'], ['--no-story', '--exit']])(
    'are refused when they make no sense: %s %s',
    (...args) => {
      expect(() => readOptions(args.filter(Boolean))).toThrow(BadUsage);
    },
  );
});
