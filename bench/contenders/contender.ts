/** A way to build the same shop, put to the same load. */
export interface Contender {
  readonly name: string;
  /** What it stands for, in one sentence. */
  readonly about: string;
  /** Starts its services on empty databases and an empty vhost; comes back when all are ready. */
  start(servers: ContenderServers): Promise<RunningContender>;
}

/** What a contender is given: all of it empty, and its own. */
export interface ContenderServers {
  /** Addresses of empty databases. */
  readonly databaseUrls: Readonly<Record<'order' | 'payment' | 'notification', string>>;
  /** The AMQP address; its path is an empty virtual host. */
  readonly rabbitmqUrl: string;
  /** The management API's, with its credentials. */
  readonly managementUrl: string;
}

export interface RunningContender {
  /** `POST <url>/orders` places an order. */
  readonly url: string;
  /** The process id of each service. */
  readonly pids: Readonly<Record<'order' | 'payment' | 'notification', number>>;
  /** How many orders have been told of their payment; asked of the notification database. A number named `told`. */
  readonly toldCount: string;
  /** When each was told, in the same database: `order_id` and `told_at`, the time of the commit. */
  readonly toldTimes: string;
  /** What is wrong with its books once it is at rest: one line for each fault, none when it has kept its promises. */
  faults(): Promise<string[]>;
  stop(): Promise<void>;
}
