import { ServiceProcess, type ServiceName } from './service-process.js';
import { SmtpSink } from './smtp-sink.js';
import { TcpProxy } from './tcp-proxy.js';
import { emptyDatabase } from './test-database.js';
import { testVhost, type TestVhost } from './test-vhost.js';

/** A line between a service and a server, for example `order.rabbitmq`. */
export type LineName = `${ServiceName}.${'rabbitmq' | 'database'}`;

/** The services as processes on databases and a vhost of their own, with an SMTP server that keeps their mails. */
export interface World {
  readonly order: ServiceProcess;
  readonly payment: ServiceProcess;
  readonly notification: ServiceProcess;
  readonly mails: SmtpSink;
  readonly vhost: TestVhost;
  /** Each service's database address, past any proxy. */
  readonly databaseUrls: Readonly<Record<ServiceName, string>>;
  /** The proxy in a line that was asked for with `proxied`. */
  proxy(line: LineName): TcpProxy;
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
}

const services = ['order', 'payment', 'notification'] as const satisfies readonly ServiceName[];

/** Comes back when every service says that it is ready. */
export async function startWorld(options: WorldOptions = {}): Promise<World> {
  const undo: (() => Promise<unknown>)[] = [];
  const stop = async () => {
    const failures: unknown[] = [];
    for (const step of undo.splice(0).toReversed()) await step().catch((error: unknown) => failures.push(error));
    if (failures.length > 0) throw new AggregateError(failures, `the world did not stop cleanly: ${failures.map(String).join('; ')}`);
  };
  try {
    const vhost = await testVhost('world');
    undo.push(() => vhost.drop());
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
    const environments = new Map<ServiceName, Record<string, string>>();
    for (const name of services) {
      const database = await emptyDatabase(name);
      undo.push(() => database.drop());
      databaseUrls[name] = database.url;
      environments.set(name, {
        NODE_ENV: 'test',
        DATABASE_URL: await reach(`${name}.database`, database.url),
        DATABASE_POOL_SIZE: '8',
        RABBITMQ_URL: await reach(`${name}.rabbitmq`, vhost.url),
        SMTP_URL: mails.url,
        MAIL_FROM: 'shop@orderly.example',
        CURSOR_SECRET: 'a secret for tests only',
        ...options.env,
        ...options.envOf?.[name],
      });
    }

    const started = await Promise.all(
      services.map((name) => ServiceProcess.start(name, environments.get(name)!, { asleep: options.asleep?.includes(name) })),
    );
    undo.push(() => Promise.all(started.map((service) => service.stop())));
    await Promise.all(started.filter((service) => service.isStarted).map((service) => service.ready()));
    const [order, payment, notification] = started as [ServiceProcess, ServiceProcess, ServiceProcess];
    return {
      order,
      payment,
      notification,
      mails,
      vhost,
      databaseUrls,
      proxy(line) {
        const proxy = proxies.get(line);
        if (!proxy) throw new Error(`${line} has no proxy: name it in startWorld's "proxied"`);
        return proxy;
      },
      stop,
    };
  } catch (error) {
    await stop().catch(() => {});
    throw error;
  }
}
