import { Broker } from './broker.js';
import { HttpApi } from './http-api.js';
import { Snapshot } from './snapshot.js';

/** A move from one state to another, by what decided it. */
export interface LegalMove {
  /** Null: how it begins. */
  readonly from: string | null;
  readonly cause: string;
  readonly to: string;
}

/** Where the system that is to be verified can be reached. What may be left out is skipped by the checks that need it. */
export interface System {
  readonly databaseUrls: {
    readonly order: string;
    readonly payment: string;
    readonly notification: string;
    /** The provider's own books. A real provider doesn't let us see its database. */
    readonly 'psp-simulator'?: string;
    /** Who collects dead letters, takes them off the broker. */
    readonly console?: string;
  };
  readonly rabbitmq?: {
    /** The AMQP address; its path is the virtual host. */
    readonly url: string;
    /** The management API's, with its credentials. */
    readonly managementUrl: string;
  };
  /** Where the services answer HTTP. */
  readonly baseUrls?: { readonly order: string; readonly payment: string };
  /** What the services take for a token of an operator. */
  readonly operatorToken?: string;
  /** Every row that a history may have. The services own these tables, so they are handed over. */
  readonly legalMoves: { readonly order: readonly LegalMove[]; readonly payment: readonly LegalMove[] };
}

/** What a check may need. */
export type Part = 'order' | 'payment' | 'notification' | 'psp-simulator' | 'console' | 'rabbitmq' | 'order-api' | 'payment-api';

/** What is said of the checks that need a part which was not given. */
export const whySkipped: Readonly<Record<Part, string>> = {
  order: 'the database of order was not given',
  payment: 'the database of payment was not given',
  notification: 'the database of notification was not given',
  'psp-simulator': "the provider's own books were not given",
  console: 'the database of the console was not given',
  rabbitmq: 'the broker was not given',
  'order-api': 'the address of the order service was not given',
  'payment-api': 'the address of the payment service was not given',
};

/** Connections to all that was given. */
export class OpenSystem {
  private readonly undo: (() => Promise<void>)[] = [];
  private readonly databases = new Map<Part, Snapshot>();
  private openBroker?: Broker;

  private constructor(private readonly system: System) {}

  /** @throws Unreachable naming the part */
  static async open(system: System): Promise<OpenSystem> {
    const open = new OpenSystem(system);
    try {
      await open.connect();
      return open;
    } catch (error) {
      await open.close();
      throw error;
    }
  }

  private async connect(): Promise<void> {
    const { databaseUrls, rabbitmq } = this.system;
    const opening = Object.entries(databaseUrls).map(async ([name, url]) => {
      const snapshot = await Snapshot.open(`the database of ${name}`, url);
      this.undo.push(() => snapshot.close());
      this.databases.set(name as Part, snapshot);
    });
    const outcomes = await Promise.allSettled(opening);
    const failed = outcomes.find((outcome) => outcome.status === 'rejected');
    if (failed) throw failed.reason;
    if (!rabbitmq) return;
    const broker = await Broker.open(rabbitmq);
    this.undo.push(() => broker.close());
    this.openBroker = broker;
  }

  has(part: Part): boolean {
    if (part === 'rabbitmq') return this.openBroker !== undefined;
    if (part === 'order-api' || part === 'payment-api') return this.system.baseUrls !== undefined;
    return this.databases.has(part);
  }

  get legalMoves(): System['legalMoves'] {
    return this.system.legalMoves;
  }

  database(name: keyof System['databaseUrls']): Snapshot {
    const database = this.databases.get(name);
    if (!database) throw new Error(`a check of ${name} doesn't say that it needs it`);
    return database;
  }

  get broker(): Broker {
    if (!this.openBroker) throw new Error("a check of the broker doesn't say that it needs it");
    return this.openBroker;
  }

  api(name: 'order' | 'payment'): HttpApi {
    const url = this.system.baseUrls?.[name];
    if (url === undefined) throw new Error(`a check of the ${name} API doesn't say that it needs it`);
    return new HttpApi(`the ${name} service`, url, this.system.operatorToken ?? '');
  }

  async close(): Promise<void> {
    await Promise.all(this.undo.splice(0).map((step) => step()));
  }
}
