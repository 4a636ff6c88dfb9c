import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { projectRoot } from '#libs/testing';

/** How `npm run chaos` ends with these options, and what it says. It starts servers of its own. */
async function chaos(...options: string[]): Promise<{ code: unknown; said: string }> {
  const child = spawn(process.execPath, ['--enable-source-maps', join(projectRoot, 'dist', 'tests', 'chaos', 'main.js'), ...options], {
    env: { PATH: process.env['PATH'] },
  });
  let said = '';
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (chunk: string) => (said += chunk));
  const [code] = (await once(child, 'close')) as [unknown];
  return { code, said };
}

const short = ['--orders', '100', '--minutes', '0.2', '--seed', '7', '--patience', '30'];

// Minutes on servers of their own, so not each time: PROVE_CHAOS=1 npm test -- tests/chaos/deliberate-bugs
describe.runIf(process.env['PROVE_CHAOS'])('npm run chaos', () => {
  it('reports what is lost when messages are acknowledged before the commit', { timeout: 400_000 }, async () => {
    const { code, said } = await chaos(
      ...short,
      '--bug',
      'acknowledged-before-the-commit',
      '--only',
      'killed between delivery and commit',
      '--faults',
      '4',
    );
    expect([code, said]).toEqual([1, expect.stringMatching(/lost [1-9]|stuck [1-9]/)]);
  });

  it('reports what is done twice when the inbox knows no repeat', { timeout: 400_000 }, async () => {
    const { code, said } = await chaos(...short, '--bug', 'no-inbox', '--only', 'messages replayed twice', '--faults', '3');
    expect([code, said]).toEqual([1, expect.stringMatching(/duplicated [1-9]/)]);
  });
});
