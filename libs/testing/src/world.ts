import { giveUsers } from './broker-users.js';
import { freePort } from './free-port.js';
import { serviceDatabase } from './service-database.js';
import { ServiceProcess, type ServiceName } from './service-process.js';
import { SmtpSink } from './smtp-sink.js';
import { TcpProxy } from './tcp-proxy.js';
import { testVhost, type TestVhost } from './test-vhost.js';

/** A line between a service and a server, for example `order.rabbitmq`; `payment.psp` is the payment service's to its provider. */
export type LineName = `${ServiceName}.database` | `${Exclude<ServiceName, 'psp-simulator'>}.rabbitmq` | 'payment.psp';

/** The services as processes on databases and a vhost of their own, with an SMTP server that keeps their mails. */
export interface World {
  readonly order: ServiceProcess;
  readonly payment: ServiceProcess;
  readonly notification: ServiceProcess;
  /** The payment provider, with its books in a database of its own and its control endpoint open. */
  readonly psp: ServiceProcess;
  /** @throws when it was not asked for */
  readonly console: ServiceProcess;
  readonly mails: SmtpSink;
  readonly vhost: TestVhost;
  /** Each service's database, for an administrator and past any proxy. The console's is there when the console is. */
  readonly databaseUrls: Readonly<Record<Exclude<ServiceName, 'console'>, string>> & { readonly console?: string };
  /** What a service was started with: the addresses, with the logins of its own that may do no more than it has to. */
  environmentOf(name: ServiceName): Readonly<Record<string, string>>;
  /** The proxy in a line that was asked for with `proxied`. */
  proxy(line: LineName): TcpProxy;
  /** Starts one more process of a service, beside the first and on a port of its own. It ends with the world. */
  replica(name: ServiceName): Promise<ServiceProcess>;
  /** Stops everything and removes the databases and the vhost. */
  stop(): Promise<void>;
}

export interface WorldOptions {
  /** Environment for all services, and for each. */
  readonly env?: Readonly<Record<string, string>>;
  readonly envOf?: Partial<Record<ServiceName, Readonly<Record<string, string>>>>;
  /** The lines that get a proxy. */
  readonly proxied?: readonly LineName[];
  /** Services that are not started; they can be, with `start()`. */
  readonly asleep?: readonly ServiceName[];
  /** With the console, which takes dead letters off the broker. */
  readonly console?: boolean;
  /** Servers other than those of the test run. The provider stays apart: its books are somebody else's. */
  readonly postgresUrl?: string;
  readonly rabbitmq?: { readonly url: string; readonly managementUrl: string };
}

const shop = ['order', 'payment', 'notification', 'psp-simulator'] as const satisfies readonly ServiceName[];

const cursorSecret = 'a secret for tests only';
const pspApiKey = 'sk_test_of_the_simulator';
const pspWebhookSecret = 'whsec_of_the_simulator';

/** Comes back when every service says that it is ready. */
export async function startWorld(options: WorldOptions = {}): Promise<World> {
  const undo: (() => Promise<unknown>)[] = [];
  const stop = async () => {
    const failures: unknown[] = [];
    for (const step of undo.splice(0).toReversed()) await step().catch((error: unknown) => failures.push(error));
    if (failures.length > 0) throw new AggregateError(failures, `the world did not stop cleanly: ${failures.map(String).join('; ')}`);
  };
  try {
    const vhost = await testVhost('world', options.rabbitmq);
    undo.push(() => vhost.drop());
    const users = await giveUsers(vhost);
    undo.push(() => users.drop());
    const mails = await SmtpSink.start();
    undo.push(() => mails.close());

    const databaseUrls = {} as Record<ServiceName, string>;
    const proxies = new Map<string, TcpProxy>();
    const reach = async (line: LineName, url: string) => {
      if (!options.proxied?.includes(line)) return url;
      const proxy = await TcpProxy.before(url);
      undo.push(() => proxy.close());
      proxies.set(line, proxy);
      return proxy.through(url);
    };
    const reachBroker = async (service: Exclude<ServiceName, 'psp-simulator'>) => {
      const { RABBITMQ_URL: url, RABBITMQ_DEPLOY_URL: deployUrl } = users.environmentOf(service);
      const line = `${service}.rabbitmq` as const;
      return { RABBITMQ_URL: await reach(line, url), RABBITMQ_DEPLOY_URL: proxies.get(line)?.through(deployUrl) ?? deployUrl };
    };
    // The payment service and its provider call each other, so both have to know where the other will be.
    const ports = { payment: await freePort(), 'psp-simulator': await freePort() };
    const own: Record<ServiceName, Record<string, string>> = {
      order: { ...(await reachBroker('order')), CURSOR_SECRET: cursorSecret },
      payment: {
        HTTP_PORT: String(ports.payment),
        ...(await reachBroker('payment')),
        PSP_BASE_URL: await reach('payment.psp', `http://127.0.0.1:${ports['psp-simulator']}`),
        PSP_API_KEY: pspApiKey,
        PSP_WEBHOOK_SECRET: pspWebhookSecret,
      },
      notification: {
        ...(await reachBroker('notification')),
        CURSOR_SECRET: cursorSecret,
        WEBHOOK_SECRETS_KEY: cursorSecret,
        SMTP_URL: mails.url,
        MAIL_FROM: 'shop@orderly.example',
      },
      'psp-simulator': {
        HTTP_PORT: String(ports['psp-simulator']),
        API_KEY: pspApiKey,
        WEBHOOK_URL: `http://127.0.0.1:${ports.payment}/webhooks/psp`,
        WEBHOOK_SECRET: pspWebhookSecret,
        FAULTS_ENABLED: 'true',
      },
      console: { ...(await reachBroker('console')), CURSOR_SECRET: cursorSecret },
    };
    const services: readonly ServiceName[] = options.console ? [...shop, 'console'] : shop;
    const environments = new Map<ServiceName, Record<string, string>>();
    for (const name of services) {
      const database = await serviceDatabase(name.replaceAll('-', '_'), name === 'psp-simulator' ? undefined : options.postgresUrl);
      undo.push(() => database.drop());
      databaseUrls[name] = database.administratorUrl;
      const { DATABASE_URL: url, DATABASE_MIGRATIONS_URL: migrationsUrl } = database.environment;
      environments.set(name, {
        NODE_ENV: 'test',
        DATABASE_URL: await reach(`${name}.database`, url),
        DATABASE_MIGRATIONS_URL: proxies.get(`${name}.database`)?.through(migrationsUrl) ?? migrationsUrl,
        DATABASE_POOL_SIZE: '8',
        ...own[name],
        ...options.env,
        ...options.envOf?.[name],
      });
    }

    const started = await Promise.all(
      services.map((name) => ServiceProcess.start(name, environments.get(name)!, { asleep: options.asleep?.includes(name) })),
    );
    undo.push(() => Promise.all(started.map((service) => service.stop())));
    await Promise.all(started.filter((service) => service.isStarted).map((service) => service.ready()));
    const [order, payment, notification, psp, operators] = started as [
      ...[ServiceProcess, ServiceProcess, ServiceProcess, ServiceProcess],
      ServiceProcess?,
    ];
    return {
      order,
      payment,
      notification,
      psp,
      get console() {
        if (!operators) throw new Error('there is no console: ask for it with startWorld({ console: true })');
        return operators;
      },
      mails,
      vhost,
      databaseUrls,
      environmentOf: (name) => environments.get(name) ?? {},
      proxy(line) {
        const proxy = proxies.get(line);
        if (!proxy) throw new Error(`${line} has no proxy: name it in startWorld's "proxied"`);
        return proxy;
      },
      async replica(name) {
        const replica = await ServiceProcess.start(name, { ...environments.get(name)!, HTTP_PORT: String(await freePort()) });
        undo.push(() => replica.stop());
        await replica.ready();
        return replica;
      },
      stop,
    };
  } catch (error) {
    await stop().catch(() => {});
    throw error;
  }
}
