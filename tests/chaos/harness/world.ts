import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { pathToFileURL } from 'node:url';
import { Client } from 'pg';
import {
  eventually,
  freePort,
  type Mail,
  operatorToken,
  projectRoot,
  RabbitMqCluster,
  ServiceProcess,
  SmtpSink,
  TcpProxy,
} from '#libs/testing';
import type { System } from '#libs/verify';
import { legalMoves } from '../../../demo/legal-moves.js';
import { PostgresServer } from './postgres-server.js';

export type Profile = 'single' | 'cluster';
export type ServiceName = 'order' | 'payment' | 'notification' | 'console' | 'psp-simulator';
export type Link = 'http' | 'rabbitmq' | 'database' | 'provider' | 'mail';

const databases = ['order', 'payment', 'notification', 'console', 'psp-simulator'] as const;
export const replicated = ['order', 'payment', 'notification', 'console'] as const;
const replicasOfEach = 2;

const cursorSecret = 'a secret for the chaos run only';
/** What callers have to show to the provider. */
export const pspApiKey = 'sk_test_of_the_chaos_run';
const pspWebhookSecret = 'whsec_of_the_chaos_run';

/** One copy of a service, and the lines on which it talks to others: each has a proxy in it. */
export class Replica {
  /** Whether it was ended by us, and is going to be started again by us. */
  isDownOnPurpose = false;

  constructor(
    readonly service: ServiceName,
    /** For example `order-2`. */
    readonly name: string,
    readonly process: ServiceProcess,
    readonly links: ReadonlyMap<Link, TcpProxy>,
    private readonly clockFile: string,
  ) {}

  link(link: Link): TcpProxy {
    const proxy = this.links.get(link);
    if (!proxy) throw new Error(`${this.name} has no line for ${link}`);
    return proxy;
  }

  /** Where clients reach it. */
  get url(): string {
    return `http://127.0.0.1:${this.link('http').port}`;
  }

  /** kill -9. */
  async kill(): Promise<void> {
    this.isDownOnPurpose = true;
    await this.process.kill();
  }

  /** SIGTERM. @returns the exit code */
  async shutDown(): Promise<number | null | undefined> {
    this.isDownOnPurpose = true;
    return (await this.process.stop())?.code;
  }

  /** Comes back when it is ready; one that ends because what it needs is away is started again, as an orchestrator does. */
  async startAgain(): Promise<void> {
    this.process.resume();
    await eventually(
      async () => {
        if (this.process.exit) await this.process.start();
        this.isDownOnPurpose = false;
        await this.process.ready({ within: 30_000 });
      },
      { within: 120_000, every: 500 },
    );
  }

  /** Sets its clock wrong by so many milliseconds; comes back when it shows that time. */
  async setClock(wrongByMs: number): Promise<number> {
    rmSync(`${this.clockFile}.shown`, { force: true });
    writeFileSync(this.clockFile, String(wrongByMs));
    process.kill(this.process.pid, 'SIGUSR2');
    return eventually(() => Number(readFileSync(`${this.clockFile}.shown`, 'utf8')), { within: 10_000 });
  }
}

export interface ChaosWorld {
  readonly profile: Profile;
  readonly postgres: PostgresServer;
  readonly brokers: RabbitMqCluster;
  /** Two of each service of ours. */
  readonly replicas: readonly Replica[];
  readonly psp: Replica;
  /** From the provider to whichever payment replica answers. */
  readonly webhookLine: TcpProxy;
  readonly mails: SmtpSink;
  /** Past the proxies, as what looks on uses them. */
  readonly databaseUrls: Readonly<Record<ServiceName, string>>;
  replicasOf(service: ServiceName): Replica[];
  /** For the checks, when every server is up. */
  system(): System;
  stop(): Promise<void>;
}

export interface WorldOptions {
  readonly profile: Profile;
  /** Where data and logs are kept. */
  readonly dir: string;
  /** The compiled services, if they are not those of the project itself. */
  readonly program?: string;
  readonly onMail: (mail: Mail) => void;
}

/** Comes back when every service says that it is ready. */
export async function startChaosWorld({ profile, dir, program, onMail }: WorldOptions): Promise<ChaosWorld> {
  const undo: (() => Promise<unknown>)[] = [];
  const stop = async () => {
    const failures: unknown[] = [];
    for (const step of undo.splice(0).toReversed()) await step().catch((error: unknown) => failures.push(error));
    if (failures.length > 0) throw new AggregateError(failures, `the world did not stop cleanly: ${failures.map(String).join('; ')}`);
  };
  try {
    mkdirSync(join(dir, 'logs'), { recursive: true });
    const serversDir = join(dir, 'servers');
    undo.push(async () => rmSync(serversDir, { recursive: true, force: true }));
    const starting = [
      PostgresServer.start(join(serversDir, 'postgres')),
      RabbitMqCluster.start({ dir: join(serversDir, 'rabbitmq'), nodes: profile === 'single' ? 1 : 3 }),
    ] as const;
    for (const server of starting) undo.push(async () => (await server).stop());
    const [postgres, brokers] = await Promise.all(starting);
    const mails = await SmtpSink.start({ onMail });
    undo.push(() => mails.close());

    const databaseUrls = await createDatabases(postgres.url);
    const proxy = async (urls: string | readonly string[], options?: { speaksWhenSpokenTo: boolean }) => {
      const line = await TcpProxy.before(urls, options);
      undo.push(() => line.close());
      return line;
    };
    const paymentPorts = [await freePort(), await freePort()];
    const pspPort = await freePort();
    const webhookLine = await proxy(paymentPorts.map((port) => `http://127.0.0.1:${port}`));
    const start = async (service: ServiceName, name: string, port: number, own: Record<string, string>, links: [Link, TcpProxy][]) => {
      const clockFile = join(dir, `${name}.clock`);
      const line = (link: Link, url: string) => new Map(links).get(link)!.through(url);
      const env: Record<string, string> = {
        NODE_ENV: 'test',
        NODE_OPTIONS: `--import=${pathToFileURL(join(projectRoot, 'dist', 'tests', 'chaos', 'harness', 'clock.js')).href}`,
        CHAOS_CLOCK: clockFile,
        INSTANCE: name,
        LOG_LEVEL: 'warn',
        HTTP_PORT: String(port),
        DATABASE_URL: line('database', databaseUrls[service]),
        DATABASE_POOL_SIZE: '10',
        ...own,
      };
      for (const [variable, link, url] of [
        ['RABBITMQ_URL', 'rabbitmq', brokers.nodes[0]!.url],
        ['PSP_BASE_URL', 'provider', `http://127.0.0.1:${pspPort}`],
        ['SMTP_URL', 'mail', mails.url],
      ] as const)
        if (new Map(links).has(link)) env[variable] = line(link, url);
      const main = program && relative(projectRoot, join(program, 'dist', 'apps', service, 'src', 'main.js'));
      const running = await ServiceProcess.start(service, env, { logFile: join(dir, 'logs', `${name}.log`), ...(main && { main }) });
      undo.push(() => running.stop());
      return new Replica(service, name, running, new Map(links), clockFile);
    };
    const common = async (service: ServiceName, port: number): Promise<[Link, TcpProxy][]> => [
      ['http', await proxy(`http://127.0.0.1:${port}`)],
      ['database', await proxy(databaseUrls[service])],
    ];
    const toBroker = async (): Promise<[Link, TcpProxy]> => [
      'rabbitmq',
      await proxy(
        brokers.nodes.map(({ url }) => url),
        { speaksWhenSpokenTo: true },
      ),
    ];

    const all = [
      start(
        'psp-simulator',
        'psp-simulator',
        pspPort,
        { ...provider, WEBHOOK_URL: webhookLine.through(`http://127.0.0.1:${paymentPorts[0]}/webhooks/psp`) },
        await common('psp-simulator', pspPort),
      ),
    ];
    for (const service of replicated) {
      for (let number = 1; number <= replicasOfEach; number += 1) {
        const port = service === 'payment' ? paymentPorts[number - 1]! : await freePort();
        const links = [...(await common(service, port)), await toBroker()];
        if (service === 'payment') links.push(['provider', await proxy(`http://127.0.0.1:${pspPort}`)]);
        if (service === 'notification') links.push(['mail', await proxy(mails.url)]);
        all.push(start(service, `${service}-${number}`, port, environments[service], links));
      }
    }
    const [psp, ...replicas] = await Promise.all(all);
    await Promise.all([psp!, ...replicas].map((replica) => replica.process.ready({ within: 90_000 })));
    const replicasOf = (service: ServiceName) => replicas.filter((replica) => replica.service === service);
    return {
      profile,
      postgres,
      brokers,
      replicas,
      psp: psp!,
      webhookLine,
      mails,
      databaseUrls,
      replicasOf,
      system: () => {
        const [node] = brokers.awake;
        if (!node) throw new Error('no broker is awake');
        return {
          databaseUrls,
          rabbitmq: { url: node.url, managementUrl: node.managementUrl },
          baseUrls: { order: replicasOf('order')[0]!.process.baseUrl, payment: replicasOf('payment')[0]!.process.baseUrl },
          operatorToken: operatorToken('verify'),
          legalMoves,
        };
      },
      stop,
    };
  } catch (error) {
    await stop().catch(() => {});
    throw error;
  }
}

/** What waits for long in production waits for less here, so that the end of a run is not the waiting for it. */
const environments: Readonly<Record<(typeof replicated)[number], Record<string, string>>> = {
  order: { CURSOR_SECRET: cursorSecret, OVERDUE_GRACE_SECONDS: '3', OVERDUE_SWEEP_INTERVAL_MS: '2000' },
  payment: {
    PSP_API_KEY: pspApiKey,
    PSP_WEBHOOK_SECRET: pspWebhookSecret,
    PSP_TIMEOUT_MS: '3000',
    RECONCILE_SWEEP_INTERVAL_MS: '3000',
    RECONCILE_GRACE_SECONDS: '15',
  },
  console: { CURSOR_SECRET: cursorSecret },
  notification: {
    CURSOR_SECRET: cursorSecret,
    WEBHOOK_SECRETS_KEY: cursorSecret,
    MAIL_FROM: 'shop@orderly.example',
    SMTP_TIMEOUT_SECONDS: '5',
  },
};

const provider = {
  API_KEY: pspApiKey,
  WEBHOOK_SECRET: pspWebhookSecret,
  WEBHOOK_TRIES: '100',
  WEBHOOK_FIRST_PAUSE_MS: '200',
  WEBHOOK_LONGEST_PAUSE_MS: '3000',
  WEBHOOK_TIMEOUT_MS: '5000',
  SLOW_CARD_MS: '2000',
  FAULTS_ENABLED: 'true',
};

async function createDatabases(administrator: string): Promise<Record<ServiceName, string>> {
  const client = new Client({ connectionString: administrator });
  await client.connect();
  try {
    const urls = {} as Record<ServiceName, string>;
    for (const service of databases) {
      const name = service.replaceAll('-', '_');
      await client.query(`CREATE DATABASE "${name}"`);
      const url = new URL(administrator);
      url.pathname = `/${name}`;
      urls[service] = url.href;
    }
    return urls;
  } finally {
    await client.end();
  }
}
