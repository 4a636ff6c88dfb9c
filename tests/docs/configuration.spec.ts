import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import type { z } from 'zod';
import { messagingConfig, serviceConfig, settingsOf } from '#libs/service';
import { consoleConfig } from '../../apps/console/src/config.js';
import { notificationConfig } from '../../apps/notification/src/config.js';
import { orderConfig } from '../../apps/order/src/config.js';
import { paymentConfig } from '../../apps/payment/src/config.js';
import { simulatorConfig } from '../../apps/psp-simulator/src/config.js';
import { generatedLines, readPage, table } from './documentation.spec-support.js';

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
  it.each(Object.entries(schemas))(
    'of %s is handed on by docker compose, but for those that follow from the container',
    (service, schema) => {
      const { services } = parse(readPage('docker-compose.yml'), { merge: true }) as {
        services: Record<string, { environment: Readonly<Record<string, unknown>> }>;
      };
      const { environment } = services[service]!;
      const ofContainer = ['HTTP_HOST', 'INSTANCE', 'SHUTDOWN_DEADLINE_SECONDS'];
      const left = settingsOf(schema)
        .map(({ name }) => name)
        .filter((name) => !(name in environment || `${name}_FILE` in environment || ofContainer.includes(name)));
      // Nobody who collects spans is in a network with the simulator.
      expect(left.filter((name) => service !== 'psp-simulator' || !name.startsWith('OTEL_'))).toEqual([]);
    },
  );

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
