import { describe, expect, it } from 'vitest';
import type { z } from 'zod';
import { messagingConfig, serviceConfig, settingsOf } from '#libs/service';
import { consoleConfig } from '../../apps/console/src/config.js';
import { notificationConfig } from '../../apps/notification/src/config.js';
import { orderConfig } from '../../apps/order/src/config.js';
import { paymentConfig } from '../../apps/payment/src/config.js';
import { simulatorConfig } from '../../apps/psp-simulator/src/config.js';
import { generatedLines, table } from './documentation.spec-support.js';

const schemas: Readonly<Record<string, z.ZodObject>> = {
  order: orderConfig,
  payment: paymentConfig,
  notification: notificationConfig,
  console: consoleConfig,
  'psp-simulator': simulatorConfig,
};
const everywhere = { ...serviceConfig, ...messagingConfig };
const all = Object.values(schemas).flatMap(settingsOf);

const section = (heading: string, settings: ReturnType<typeof settingsOf>) => [
  `## ${heading}`,
  '',
  ...table(
    ['Setting', 'Meaning', 'May be', 'Otherwise'],
    settings.map(({ name, meaning, form, otherwise = '**has to be set**', secret }) => [
      `\`${name}\`${secret ? ' (secret)' : ''}`,
      meaning,
      form,
      otherwise,
    ]),
  ),
];

describe('the page about the configuration, which UPDATE_DOCS=1 rewrites', () => {
  it('lists what each service reads, with its meaning, its form and its default', () => {
    const common = settingsOf(orderConfig).filter(({ name }) => name in everywhere);
    const own = Object.entries(schemas).flatMap(([service, schema]) => [
      '',
      ...section(
        service,
        settingsOf(schema).filter(({ name }) => !(name in everywhere)),
      ),
    ]);
    const lines = [...section('Every service (what is of RabbitMQ: not psp-simulator)', common), ...own];
    expect(generatedLines('docs/reference/configuration.md', 'settings', lines)).toEqual(lines);
  });
});

describe('a setting', () => {
  it('says what it means', () => expect(all.filter(({ meaning }) => meaning.length < 15)).toEqual([]));

  it('is called after its unit when it is a time or a rate', () => {
    const times = all.filter(({ name, form }) => /INTERVAL|TIMEOUT|DEADLINE|GRACE|WINDOW|PAUSE|_RATE(?!_BURST)/.test(name) && form);
    expect(times.map(({ name }) => name).filter((name) => !/_(MS|SECONDS|MINUTES|HOURS|DAYS|PER_SECOND)$/.test(name))).toEqual([]);
  });

  it('is a secret when it opens something', () => {
    const opens = all.filter(({ name }) => /SECRET|API_KEY|PASSWORD|^(DATABASE|RABBITMQ|SMTP)_URL$/.test(name));
    expect(opens.filter(({ secret }) => !secret)).toEqual([]);
  });
});
