import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { projectRoot } from '#libs/testing';

const folder = mkdtempSync(join(tmpdir(), 'orderly-credentials-'));
const make = () => execFileSync(process.execPath, [join(projectRoot, 'dist', 'demo', 'credentials.js'), folder]);
const files = () => readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
const read = (reader: string, name: string) => readFileSync(join(folder, reader, name), 'utf8');

beforeAll(make);
afterAll(() => rmSync(folder, { recursive: true }));

describe('the credentials of the containers', () => {
  it('are made once', () => {
    const before = files().map(({ parentPath, name }) => readFileSync(join(parentPath, name), 'utf8'));
    expect(before.length).toBeGreaterThan(30);
    make();
    expect(files().map(({ parentPath, name }) => readFileSync(join(parentPath, name), 'utf8'))).toEqual(before);
  });

  it('open the database to the two roles of each service, and are not used twice', () => {
    const passwords = ['order', 'payment', 'notification', 'psp-simulator', 'console'].flatMap((service) =>
      ['database_url', 'database_migrations_url'].map((name) => {
        const { username, password, pathname } = new URL(read(service, name));
        expect(pathname).toBe(`/${service.replace('-', '_')}`);
        expect(read('postgres', username)).toBe(password);
        return password;
      }),
    );
    expect(new Set(passwords).size).toBe(10);
  });

  it('open the broker to each user by a hash, and to no guest', () => {
    const { users, permissions } = JSON.parse(read('rabbitmq', 'definitions.json')) as {
      users: { name: string; password_hash: string }[];
      permissions: { user: string; vhost: string }[];
    };
    expect(users.map(({ name }) => name)).toEqual(['order', 'payment', 'notification', 'console', 'deploy', 'administrator']);
    expect(permissions.map(({ user, vhost }) => `${vhost} ${user}`)).toEqual(users.map(({ name }) => `orderly ${name}`));
    for (const { name, password_hash: hash } of users) {
      const password = name === 'administrator' ? read('rabbitmq', name) : passwordOf(name === 'deploy' ? 'order' : name, name);
      const bytes = Buffer.from(hash, 'base64');
      expect(createHash('sha256').update(bytes.subarray(0, 4)).update(password).digest()).toEqual(bytes.subarray(4));
    }
  });

  it('are there under each name that docker-compose.yml has for them', () => {
    const compose = readFileSync(join(projectRoot, 'docker-compose.yml'), 'utf8');
    const named = new Set(Array.from(compose.matchAll(/\/run\/secrets\/([a-z_]+)/g), ([, name]) => name!));
    const made = new Set(files().map(({ name }) => name));
    expect([...named].filter((name) => !made.has(name))).toEqual([]);
    expect(compose).not.toMatch(/guest|_PASSWORD:/);
  });
});

function passwordOf(service: string, user: string): string {
  const { username, password } = new URL(read(service, user === 'deploy' ? 'rabbitmq_deploy_url' : 'rabbitmq_url'));
  expect(username).toBe(user);
  return password;
}
