import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { projectRoot } from '#libs/testing';

interface Resources {
  readonly memory?: string;
  readonly pids?: number;
}

interface Container {
  readonly read_only?: boolean;
  readonly privileged?: boolean;
  readonly cap_drop?: readonly string[];
  readonly cap_add?: readonly string[];
  readonly security_opt?: readonly string[];
  readonly deploy?: { readonly resources?: { readonly limits?: Resources; readonly reservations?: Resources } };
  readonly environment?: Readonly<Record<string, unknown>>;
  readonly ports?: readonly string[];
  readonly networks?: readonly string[];
  readonly network_mode?: string;
  readonly profiles?: readonly string[];
  readonly image: string;
}

const { services, networks } = parse(readFileSync(join(projectRoot, 'docker-compose.yml'), 'utf8'), { merge: true }) as {
  services: Record<string, Container>;
  networks: Record<string, { internal?: boolean }>;
};
const containers = Object.entries(services);
const usual = containers.filter(([, { profiles }]) => profiles === undefined);
const portsOf = (some: typeof containers) => some.flatMap(([name, { ports = [] }]) => ports.map((port) => `${name} ${port}`));

describe.each(containers)('the container of %s', (_, container) => {
  it('has no capability, gains none, and writes to volumes alone', () => {
    expect(container).toMatchObject({ read_only: true, cap_drop: ['ALL'], security_opt: ['no-new-privileges:true'] });
    expect(container.privileged).toBeUndefined();
    expect(container.cap_add).toBeUndefined();
  });

  it('has a limit of memory, all of which is set aside for it, and one of processes', () => {
    const { limits, reservations } = container.deploy?.resources ?? {};
    expect(limits).toEqual({ memory: expect.stringMatching(/^\d+[MG]$/), pids: expect.any(Number) });
    expect(reservations?.memory).toBe(limits?.memory);
  });

  it('is told no secret in its environment, and where to read each', () => {
    const told = Object.entries(container.environment ?? {}).flatMap(([name, value]) =>
      // What has no value here is passed on when somebody sets it.
      /PASSWORD|SECRET|_KEY|(DATABASE|RABBITMQ)_\w*URL/.test(name) && typeof value === 'string' ? [`${name}=${value}`] : [],
    );
    expect(told.filter((setting) => !/^\w+_FILE=(\$\{\w+-)?\/run\/secrets\/\w+\}?$/.test(setting))).toEqual([]);
  });
});

it('publishes the console and the three APIs, to this machine alone', () => {
  const published = ['order 127.0.0.1:3001:3001', 'payment 127.0.0.1:3002:3002', 'notification 127.0.0.1:3003:3003'];
  expect(portsOf(usual)).toEqual([...published, 'console 127.0.0.1:3000:3000']);
  for (const port of portsOf(containers)) expect(port).toMatch(/ 127\.0\.0\.1:/);
});

it('lets out those alone that publish something; servers are reached by who needs them', () => {
  const outside = Object.keys(networks).filter((name) => networks[name]?.internal !== true);
  expect(outside).toEqual(['front']);
  const inside = containers.filter(([, container]) => container.ports === undefined);
  expect(
    inside.filter(([, { networks: on = [], network_mode: mode }]) => on.includes('front') || (on.length === 0 && mode !== 'none')),
  ).toEqual([]);
  const on = (network: string) => containers.filter(([, container]) => container.networks?.includes(network)).map(([name]) => name);
  expect(on('broker')).toEqual(['order', 'payment', 'notification', 'console', 'rabbitmq']);
  expect(on('mail')).toEqual(['notification', 'mailpit']);
  expect(on('provider')).toEqual(['payment', 'psp-simulator']);
});

it('takes images of their makers, by a version', () => {
  const images = containers.map(([, { image }]) => image);
  expect(images.filter((image) => !/^orderly$|^[a-z]+(\/[a-z]+)?:v?\d[\w.-]*$/.test(image))).toEqual([]);
});
