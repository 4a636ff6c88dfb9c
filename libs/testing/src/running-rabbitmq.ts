export interface RunningRabbitMq {
  /** The AMQP address, of an administrator. */
  readonly url: string;
  /** The management plugin's HTTP address, with the same credentials. */
  readonly managementUrl: string;
  /** Where it comes from, for people. */
  readonly origin: string;
  /** Of the broker's own process, when it runs on this machine and was started here. */
  readonly pid?: number;
  /** Of Erlang's port mapper, when one was started here beside the broker. */
  readonly mapperPid?: number;
  /** Runs `rabbitmqctl` with these arguments on a broker that was started here. Answers what it printed. */
  control?(...args: string[]): Promise<string>;
  stop(): Promise<void>;
}

export interface RabbitMqOptions {
  /** Where everything is kept: data, cookie, logs. The same folder again continues with the same data. */
  readonly dir: string;
  /** Ports left out are free ones. */
  readonly port?: number;
  readonly managementPort?: number;
  /** The data is not needed again: the broker is ended at once, where an orderly end takes RabbitMQ 3.10 six seconds. */
  readonly disposable?: boolean;
  /** Start one, though `ORDERLY_RABBITMQ_URL` names another: for a test that does to a broker what its neighbours would not like. */
  readonly own?: boolean;
  /** More lines of `rabbitmq.conf`, for a private node; a container goes by its image. */
  readonly settings?: readonly string[];
  /** What `advanced.config` holds besides, in Erlang, on a private node; a container goes by its image. */
  readonly advancedConfig?: string;
  readonly log?: (line: string) => void;
}
