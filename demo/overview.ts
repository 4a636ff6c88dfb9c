import { randomBytes } from 'node:crypto';
import { relative } from 'node:path';
import type { TokenIssuer } from '#libs/issuer';
import { serviceNames } from './databases.js';
import { isLent, type Infrastructure } from './infrastructure.js';
import { bold, dim, say } from './output.js';
import { logFileOf, type Services } from './services.js';

const tokenHours = 24;

/** Prints what runs, where it can be looked at, and what to try. */
export function showOverview(
  folder: string,
  services: Services,
  { databaseUrls, managementUrl }: Infrastructure,
  issuer: TokenIssuer,
): void {
  const address = (name: (typeof serviceNames)[number]) => `http://localhost:${services[name].port}`;
  const management = new URL(managementUrl);
  const login = `login ${decodeURIComponent(management.username)}, password ${decodeURIComponent(management.password)}`;
  const entry = (what: string, where: string, more = '') => say(`  ${what.padEnd(22)}${where}${more && dim(`  ${more}`)}`);

  say(`\n${bold('Running')}`);
  for (const name of serviceNames) entry(`${name} service`, name === 'psp-simulator' ? address(name) : `${address(name)}/docs`);
  entry('RabbitMQ', management.origin, isLent('rabbitmq') ? '' : login);
  for (const name of serviceNames) entry(`${name} rows`, isLent('postgres') ? withoutLogin(databaseUrls[name]) : databaseUrls[name]);
  for (const name of serviceNames) entry(`${name} log`, relative(process.cwd(), logFileOf(folder, name)));

  say(`\n${bold('Try it')} ${dim('in another terminal; the same POST again gets the same answer, by its Idempotency-Key')}`);
  say(`\nTOKEN=${issuer.token('you', 'customer', tokenHours * 3600)}`);
  say(`\nOPERATOR=${issuer.token('olga', 'operator', tokenHours * 3600)}`);
  for (const command of curlCommands(address)) say(`\n${command}`);
  say(`\nThe tokens are good for ${tokenHours} hours. For others: ${bold('npm run -s token -- <name> [--role operator]')}`);
  say(`\nMails are shown here as they come. ${bold('Ctrl-C')} stops everything; so does ${bold('npm run stop')} elsewhere.`);
}

/** The password of somebody else's server is not for every screen. */
function withoutLogin(address: string): string {
  return Object.assign(new URL(address), { username: '', password: '' }).href;
}

/** Commands for a POSIX shell, in the order in which they make sense. The first stays open. */
function curlCommands(address: (name: (typeof serviceNames)[number]) => string): string[] {
  const [order, payment, notification, console] = [address('order'), address('payment'), address('notification'), address('console')];
  const once = randomBytes(4).toString('hex');
  const you = '-H "Authorization: Bearer $TOKEN"';
  const post = (what: string, body: object) =>
    `${you} \\\n  -H 'Idempotency-Key: ${what}-${once}' -H 'Content-Type: application/json' \\\n  -d '${JSON.stringify(body)}'`;
  const wish = { items: [{ sku: 'MUG-STONEWARE', quantity: 2 }], email: 'you@example.com' };
  return [
    `curl -sN ${notification}/events ${you} &`,
    `ORDER=$(curl -s ${order}/orders ${post('place', wish)} \\\n  | grep -o '[0-9a-f-]\\{36\\}' | head -n 1)`,
    `curl -sw '\\n' ${payment}/orders/$ORDER/payments ${post('pay', { paymentMethod: 'pm_card_visa' })}`,
    `curl -sw '\\n' ${order}/orders/$ORDER ${you}`,
    `curl -sw '\\n' "${notification}/notifications?orderId=$ORDER" \\\n  ${you}`,
    `curl -sw '\\n' ${console}/queues -H "Authorization: Bearer $OPERATOR"`,
  ];
}
