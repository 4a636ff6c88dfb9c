import { describe, expect, it } from 'vitest';
import { replayableDays, retryDelaysSeconds, shortestInboxDays, topology } from '#libs/contracts';
import { inboxKept } from '#libs/messaging';
import { consoleConfig } from '../../apps/console/src/config.js';
import { notificationConfig } from '../../apps/notification/src/config.js';
import { orderConfig } from '../../apps/order/src/config.js';
import { paymentConfig } from '../../apps/payment/src/config.js';
import { readPage } from '../docs/documentation.spec-support.js';
import { services } from './kept.spec-support.js';

const day = 86_400;

describe('the period of an inbox', () => {
  it('is longer than that in which a message can come again: by a replay, that waits as long as anything can, and is tried as often', () => {
    const longestDelay = 2 ** topology.delay.levels;
    const retries = retryDelaysSeconds.reduce((sum, seconds) => sum + seconds, 0);
    expect(shortestInboxDays * day).toBeGreaterThan(replayableDays * day + longestDelay + retries);
  });

  it('cannot be set to less, in any service', () => {
    for (const { shape } of [orderConfig, paymentConfig, notificationConfig, consoleConfig]) {
      expect(shape.INBOX_KEPT_DAYS.safeParse(String(shortestInboxDays)).success).toBe(true);
      expect(shape.INBOX_KEPT_DAYS.safeParse(String(shortestInboxDays - 1)).success).toBe(false);
    }
    expect(() => inboxKept(shortestInboxDays - 1)).toThrow(RangeError);
    // A notice whose message comes again must find that it was told of.
    expect(notificationConfig.shape.NOTIFICATIONS_KEPT_DAYS.safeParse(String(shortestInboxDays - 1)).success).toBe(false);
  });
});

describe('docs/reference/retention.md', () => {
  it('names every table that forgets, with its period', () => {
    const page = readPage('docs/reference/retention.md');
    for (const [service, { kept }] of Object.entries(services)) {
      for (const { table, hours } of kept) {
        const period = hours % 24 === 0 && hours > 24 ? `${hours / 24} days` : `${hours} hours`;
        const row = page.split('\n').find((line) => line.startsWith(`| \`${table}\``));
        expect(row, `a row of ${table}`).toContain(`| ${period} |`);
        expect(row, `the services of ${table}`).toMatch(new RegExp(`${service}|every`));
      }
    }
  });
});
