import { describe, expect, it } from 'vitest';
import { consoleConfig } from '../../apps/console/src/config.js';
import { notificationConfig } from '../../apps/notification/src/config.js';
import { orderConfig } from '../../apps/order/src/config.js';
import { paymentConfig } from '../../apps/payment/src/config.js';
import { simulatorConfig } from '../../apps/psp-simulator/src/config.js';
import { readPage } from './documentation.spec-support.js';

const settings = new Set(
  [orderConfig, paymentConfig, notificationConfig, consoleConfig, simulatorConfig].flatMap(({ shape }) => Object.keys(shape)),
);
const named = new Set(readPage('SECURITY.md').match(/\b[A-Z]+(?:_[A-Z]+)+\b/g));
const unnamed = (pattern: RegExp) => [...settings].filter((name) => pattern.test(name) && !named.has(name));

describe('SECURITY.md', () => {
  it('names every setting that says where a service connects to, among the outbound destinations', () => {
    expect(unnamed(/_(URL|ENDPOINT|HOST)$/)).toEqual(['HTTP_HOST']);
  });

  it('names every setting that holds a secret or the file of one, with what it opens', () => {
    expect(unnamed(/(SECRET|SECRET_PREVIOUS|API_KEY|SECRETS_KEY|KEY_FILE|PASSWORD|TOKEN)$/)).toEqual([]);
  });
});
