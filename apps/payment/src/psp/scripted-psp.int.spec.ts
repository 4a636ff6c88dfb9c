import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { testDatabase } from '#libs/testing';
import { CreatePspBooks1767225600001 } from '../migrations/1767225600001-create-psp-books.js';
import { amountsAsNumbers } from '../payment-service.spec-support.js';
import { ScriptedPsp } from './scripted-psp.js';

const amount = { amountMinor: 2598, currency: 'EUR' };

describe('the scripted provider', () => {
  let database: Awaited<ReturnType<typeof testDatabase>>;
  let psp: ScriptedPsp;

  beforeAll(async () => {
    database = await testDatabase({ migrations: [CreatePspBooks1767225600001], extra: amountsAsNumbers });
    psp = new ScriptedPsp(database.dataSource, 200);
  });
  afterAll(() => database.drop());

  const capture = (paymentMethod: string, key: string = randomUUID(), provider = psp) => provider.capture({ key, paymentMethod, amount });
  const booked = (): Promise<{ outcome: string; amount: number; times: number }[]> =>
    database.dataSource.query(
      'SELECT outcome, sum(amount_minor)::bigint AS amount, count(*)::int AS times FROM psp_books GROUP BY outcome ORDER BY outcome',
    );

  it('captures pm_card_visa', async () => {
    expect(await capture('pm_card_visa')).toEqual({ outcome: 'captured', reference: expect.stringMatching(/^pi_/), amount });
  });

  it.each([
    ['pm_card_chargeDeclined', 'generic_decline'],
    ['pm_card_chargeDeclinedInsufficientFunds', 'insufficient_funds'],
    ['pm_card_of_nobody', 'invalid_payment_method'],
    ['constructor', 'invalid_payment_method'],
  ])('declines %s as %s', async (paymentMethod, declineCode) => {
    expect(await capture(paymentMethod)).toEqual({ outcome: 'declined', declineCode });
  });

  it('takes its time over pm_card_slow, and captures it', async () => {
    const askedAt = performance.now();
    expect(await capture('pm_card_slow')).toMatchObject({ outcome: 'captured' });
    expect(performance.now() - askedAt).toBeGreaterThanOrEqual(190);
  });

  it('gives the same answer to the same key, at the same time, later and after a restart, and books it once', async () => {
    const before = await booked();
    const key = randomUUID();
    const answers = await Promise.all(Array.from({ length: 10 }, () => capture('pm_card_slow', key)));
    const restarted = new ScriptedPsp(database.dataSource, 60_000);
    answers.push(await capture('pm_card_slow', key), await capture('pm_card_slow', key, restarted));
    expect(new Set(answers.map((answer) => JSON.stringify(answer))).size).toBe(1);
    const count = (rows: typeof before) => rows.find(({ outcome }) => outcome === 'captured')?.times ?? 0;
    expect(count(await booked())).toBe(count(before) + 1);
  });

  it('keeps a decline declined, even when the key comes back with a method that would succeed', async () => {
    const key = randomUUID();
    await capture('pm_card_chargeDeclined', key);
    await expect(capture('pm_card_visa', key)).rejects.toThrow('asked something else');
    expect(await capture('pm_card_chargeDeclined', key)).toMatchObject({ outcome: 'declined' });
  });

  it('refunds once for each key, and never more than it captured', async () => {
    const captured = await capture('pm_card_visa');
    if (captured.outcome !== 'captured') throw new Error('pm_card_visa was declined');
    const refund = (key: string) => psp.refund({ key, captureReference: captured.reference, amount });
    const key = randomUUID();
    const answers = await Promise.all([refund(key), refund(key), refund(key)]);
    expect(new Set(answers.map(({ reference }) => reference)).size).toBe(1);
    await expect(refund(randomUUID())).rejects.toThrow('only 0 is left');
    expect(await refund(key)).toEqual(answers[0]);
  });

  it('refuses to refund what it never captured', async () => {
    await expect(psp.refund({ key: randomUUID(), captureReference: 'pi_unknown', amount })).rejects.toThrow('only 0 is left of pi_unknown');
  });
});
