/** `npm start`: brings everything up, plays the story, and keeps running until it is stopped. `--help` lists what else it can do. */
import { relative } from 'node:path';
import { NotInProduction, type TokenIssuer } from '#libs/issuer';
import { SmtpSink, type Mail } from '#libs/testing';
import { Cleanup } from './cleanup.js';
import { serviceNames, type ServiceName } from './databases.js';
import { startInfrastructure, type Infrastructure } from './infrastructure.js';
import { issuerOfDemo } from './issuer-of-demo.js';
import { Interruption } from './interruption.js';
import { BadUsage, readOptions, usage, type DemoOptions } from './options.js';
import { dim, green, red, say } from './output.js';
import { showOverview } from './overview.js';
import { PortTaken, requireFree } from './ports.js';
import { AlreadyRunning, RunningDemo } from './running-demo.js';
import { portsOf, startServices, type Services } from './services.js';
import { loadSettings } from './settings.js';
import { StoryFailed } from './story/expectation.js';
import { Journal } from './story/journal.js';
import { Story } from './story/story.js';

/** By sysexits.h: something is configured that must not be. */
const misconfigured = 78;

interface Demo {
  readonly issuer: TokenIssuer;
  readonly infrastructure: Infrastructure;
  readonly services: Services;
  readonly mails: SmtpSink;
  /** Says where mails go from now on. */
  showMails(to: (mail: Mail) => void): void;
}

async function main(options: DemoOptions): Promise<number> {
  const issuer = issuerOfDemo(options.folder);
  const interruption = new Interruption();
  const record = await RunningDemo.claim(options.folder, say);
  const cleanup = new Cleanup();
  let exitCode: number;
  try {
    exitCode = await run(options, issuer, record, cleanup, interruption);
  } catch (error) {
    exitCode = interruption.exitCode ?? 1;
    if (interruption.exitCode === undefined) complain(error as Error, options);
  }
  const clean = await cleanup.run();
  record.release();
  return clean ? exitCode : exitCode || 1;
}

async function run(
  options: DemoOptions,
  issuer: TokenIssuer,
  record: RunningDemo,
  cleanup: Cleanup,
  interruption: Interruption,
): Promise<number> {
  const startedAt = Date.now();
  const demo = await start(options, issuer, record, cleanup, interruption);
  say(green(`Everything is up (${((Date.now() - startedAt) / 1000).toFixed(1)} s).`));
  const succeeded = !options.story || (await interruption.during(tell(demo, options)));
  if (!options.exit) {
    demo.showMails((mail) => {
      // Nobody asks for them again, and there may be many.
      demo.mails.mails.length = 0;
      say(`${dim(new Date().toTimeString().slice(0, 8))}  ${green('mail')}  ${mail.to}: ${mail.subject}`);
    });
    showOverview(options.folder, demo.services, demo.infrastructure, demo.issuer);
    for (const service of Object.values(demo.services)) void announceEnd(service, interruption);
    await interruption.requested;
  }
  return succeeded ? 0 : 1;
}

async function start(
  options: DemoOptions,
  issuer: TokenIssuer,
  record: RunningDemo,
  cleanup: Cleanup,
  interruption: Interruption,
): Promise<Demo> {
  const { folder, port } = options;
  await requireFree(portsOf(port));
  const settings = await loadSettings(folder);
  const infrastructure = await startInfrastructure(folder, settings, record, cleanup);
  interruption.check();
  let onMail: (mail: Mail) => void = () => {};
  const mails = await SmtpSink.start({ onMail: (mail) => onMail(mail) });
  const services = await startServices({ folder, port, settings, smtpUrl: mails.url, issuer }, infrastructure, record, cleanup);
  interruption.check();
  const { databaseUrls, rabbitmqUrl, managementUrl } = infrastructure;
  const baseUrls = { order: services.order.baseUrl, payment: services.payment.baseUrl, console: services.console.baseUrl };
  record.reachableAt({ databaseUrls, rabbitmq: { url: rabbitmqUrl, managementUrl }, baseUrls });
  return { issuer, infrastructure, services, mails, showMails: (to) => void (onMail = to) };
}

/** Says when a service ends that nobody has asked to: killing one is a good way to see that nothing is lost. */
async function announceEnd({ name, exited }: Services[keyof Services], interruption: Interruption): Promise<void> {
  const { code, signal } = await exited;
  if (interruption.exitCode === undefined) say(red(`The ${name} service has ended (${signal ?? `exit code ${code}`}); the others go on.`));
}

/** @returns whether everything went as told */
async function tell({ infrastructure, services, issuer, ...demo }: Demo, { folder }: DemoOptions): Promise<boolean> {
  const journal = new Journal();
  demo.showMails(journal.seeMail);
  const addresses = Object.fromEntries(serviceNames.map((name) => [name, services[name].baseUrl])) as Record<ServiceName, string>;
  try {
    await new Story({ ...infrastructure, addresses, issuer }, journal).play();
    return true;
  } catch (error) {
    say(`\n${red(error instanceof StoryFailed ? error.message : ((error as Error).stack ?? String(error)))}`);
    say(
      `Where to look: ${relative(process.cwd(), folder)}/logs/*.log, and RabbitMQ's queues at ${new URL(infrastructure.managementUrl).origin}/#/queues`,
    );
    return false;
  }
}

function complain(error: Error, { folder }: DemoOptions): void {
  say(`\n${red(error.message)}`);
  if (error instanceof PortTaken) return;
  const place = relative(process.cwd(), folder);
  say(`\nWhat the servers and services have written is in ${place}. To begin again from nothing: rm -rf ${place}`);
}

// A terminal that was closed takes no more words.
process.stdout.on('error', () => {});
try {
  const options = readOptions(process.argv.slice(2));
  if (options.help) say(usage);
  else process.exit(await main(options));
} catch (error) {
  const isKnown = error instanceof AlreadyRunning || error instanceof NotInProduction;
  console.error(error instanceof BadUsage ? `${error.message}\n\n${usage}` : isKnown ? error.message : error);
  process.exitCode = error instanceof BadUsage ? 2 : error instanceof NotInProduction ? misconfigured : 1;
}
