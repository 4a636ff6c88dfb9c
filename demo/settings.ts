import { randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { freePort, isFree } from '#libs/testing';

/** What a folder's demo keeps from one start to the next. */
export interface Settings {
  readonly cursorSecret: string;
  readonly webhookSecretsKey: string;
  /** What the payment service shows its provider, and what the provider signs its webhooks with. */
  readonly pspApiKey: string;
  readonly pspWebhookSecret: string;
  readonly postgresPort: number;
  readonly rabbitmqPort: number;
  readonly managementPort: number;
}

/** The settings of the last start, or new ones; ports that somebody else uses by now are other ones. */
export async function loadSettings(folder: string): Promise<Settings> {
  const file = join(folder, 'settings.json');
  const last = read(file);
  const port = async (wanted: number | undefined) => (wanted && (await isFree(wanted)) ? wanted : freePort());
  const settings = {
    cursorSecret: last.cursorSecret ?? randomBytes(32).toString('base64url'),
    webhookSecretsKey: last.webhookSecretsKey ?? randomBytes(32).toString('base64url'),
    pspApiKey: last.pspApiKey ?? `sk_test_${randomBytes(24).toString('hex')}`,
    pspWebhookSecret: last.pspWebhookSecret ?? `whsec_${randomBytes(24).toString('hex')}`,
    postgresPort: await port(last.postgresPort),
    rabbitmqPort: await port(last.rabbitmqPort),
    managementPort: await port(last.managementPort),
  };
  mkdirSync(folder, { recursive: true });
  writeFileSync(file, `${JSON.stringify(settings, undefined, 2)}\n`, { mode: 0o600 });
  return settings;
}

function read(file: string): Partial<Settings> {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as Partial<Settings>;
  } catch {
    return {};
  }
}
