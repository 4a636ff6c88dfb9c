import type { System } from '#libs/verify';
import { legalMoves } from './legal-moves.js';
import { operatorTokenOfDemo } from './issuer-of-demo.js';
import { addressesOfDemo } from './running-demo.js';

/** The environment names some addresses of a system, and lacks others that belong to them. */
export class AddressesMissing extends Error {
  override readonly name = 'AddressesMissing';

  constructor(missing: readonly string[]) {
    super(`The environment names a part of a system to verify. ${missing.join(', ')} ${missing.length === 1 ? 'is' : 'are'} missing.`);
  }
}

/** Neither is a system named, nor does a demo run. */
export class NothingRuns extends Error {
  override readonly name = 'NothingRuns';

  constructor(folder: string) {
    super(`No demo is running in ${folder}: start one with npm start, or name a system in the environment (npm run verify -- --help).`);
  }
}

const databaseVariables = {
  order: 'ORDER_DATABASE_URL',
  payment: 'PAYMENT_DATABASE_URL',
  notification: 'NOTIFICATION_DATABASE_URL',
} as const;

/**
 * The system that the environment names; else that of the demo which runs in a folder.
 * @throws AddressesMissing or NothingRuns
 */
export function systemToVerify(env: Readonly<Record<string, string | undefined>>, folder: string): System {
  if (Object.values(databaseVariables).some((name) => env[name])) return systemNamedBy(env);
  const addresses = addressesOfDemo(folder);
  if (!addresses) throw new NothingRuns(folder);
  return { ...addresses, operatorToken: operatorTokenOfDemo(folder, 'verify'), legalMoves };
}

function systemNamedBy(env: Readonly<Record<string, string | undefined>>): System {
  const broker = ['RABBITMQ_URL', 'RABBITMQ_MANAGEMENT_URL'];
  const services = ['ORDER_URL', 'PAYMENT_URL', 'ORDERLY_TOKEN'];
  // Of these, either all are given or none.
  const wanted = [Object.values(databaseVariables), ...[broker, services].filter((group) => group.some((name) => env[name]))].flat();
  const missing = wanted.filter((name) => !env[name]);
  if (missing.length > 0) throw new AddressesMissing(missing);
  const given = (name: string) => env[name] ?? '';
  const psp = env['PSP_DATABASE_URL'];
  const desk = env['CONSOLE_DATABASE_URL'];
  return {
    databaseUrls: {
      order: given(databaseVariables.order),
      payment: given(databaseVariables.payment),
      notification: given(databaseVariables.notification),
      ...(psp && { 'psp-simulator': psp }),
      ...(desk && { console: desk }),
    },
    ...(wanted.includes('RABBITMQ_URL') && { rabbitmq: { url: given('RABBITMQ_URL'), managementUrl: given('RABBITMQ_MANAGEMENT_URL') } }),
    ...(wanted.includes('ORDER_URL') && {
      baseUrls: { order: baseUrl(given('ORDER_URL')), payment: baseUrl(given('PAYMENT_URL')) },
      operatorToken: given('ORDERLY_TOKEN'),
    }),
    legalMoves,
  };
}

/** Paths are put behind it. */
const baseUrl = (address: string): string => address.replace(/\/+$/, '');
