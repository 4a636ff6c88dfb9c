import { hostname } from 'node:os';
import { z } from 'zod';
import { callersConfig, keysFault } from './callers-config.js';
import { helpText } from './config-help.js';
import { gatherSettings, type ConfigSources } from './config-sources.js';
import { burst, days, rate, secret, setting, wholeNumber } from './setting.js';
import { databaseTlsConfig, databaseUrl, rabbitmqTlsConfig, tlsFaults } from './tls-config.js';

/** The environment that every service reads. Spread it into the service's own schema. */
export const serviceConfig = {
  DATABASE_URL: secret(
    databaseUrl,
    "The address of the service's own database; `?sslmode=verify-full` demands TLS, as any of the files below does.",
  ),
  DATABASE_MIGRATIONS_URL: secret(
    databaseUrl.optional(),
    'The same database, of the role that owns it: for migrations alone. Without it DATABASE_URL does both, and nothing is forbidden to it.',
  ),
  ...databaseTlsConfig,
  ...callersConfig,
  HTTP_PORT: setting(wholeNumber.min(0).max(65_535), 'The port that it listens on; 0 takes any that is free.'),
  HTTP_HOST: setting(z.string().default('0.0.0.0'), 'The address that it listens on.'),
  LOG_LEVEL: setting(
    z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace']).default('info'),
    'The least that is worth a line in the log.',
  ),
  LOG_FORMAT: setting(
    z.enum(['json', 'pretty']).default(() => (process.stdout.isTTY ? 'pretty' : 'json')),
    'How the log is written: a JSON object on each line, or for people.',
    'pretty in a terminal, json everywhere else',
  ),
  ADDRESS_RATE_PER_SECOND: setting(rate.default(100), 'How often one address may ask, a second in the long run; 0 is any number.'),
  ADDRESS_RATE_BURST: setting(burst.default(200), 'How often one address may ask at once.'),
  CALLER_RATE_PER_SECOND: setting(rate.default(50), 'How often one caller may ask, a second in the long run; 0 is any number.'),
  CALLER_RATE_BURST: setting(burst.default(100), 'How often one caller may ask at once.'),
  TRUSTED_PROXIES: setting(
    z
      .string()
      .transform((list) => list.split(','))
      .pipe(z.array(z.union([z.ipv4(), z.ipv6(), z.cidrv4(), z.cidrv6()])))
      .optional(),
    'Proxies that are believed about the address of whom they speak for: addresses or networks, with commas between them.',
  ),
  DATABASE_POOL_SIZE: setting(wholeNumber.min(2).max(1000).default(16), 'The most connections to the database.'),
  DATABASE_CONNECT_ATTEMPTS: setting(
    wholeNumber.min(1).default(10),
    'How often the database is tried at the start before it gives up (exit code 69).',
  ),
  SHUTDOWN_DEADLINE_SECONDS: setting(
    wholeNumber.min(1).default(20),
    'How long it may take to stop; what is not done then is done by whoever comes next.',
  ),
  INSTANCE: setting(
    z.string().default(() => `${hostname()}-${process.pid}`),
    'Tells replicas apart in logs, connections and queues.',
    'the name of the host and the number of the process',
  ),
  OTEL_EXPORTER_OTLP_ENDPOINT: setting(
    z.url({ protocol: /^https?$/ }).optional(),
    'Where spans are sent, by OTLP over HTTP: `http://jaeger:4318`. Without this and the next one no spans are recorded.',
  ),
  OTEL_EXPORTER_ZIPKIN_ENDPOINT: setting(
    z.url({ protocol: /^https?$/ }).optional(),
    "The same in Zipkin's form: `http://zipkin:9411/api/v2/spans`.",
  ),
  OTEL_TRACES_SAMPLER_ARG: setting(
    z.coerce.number().min(0).max(1).default(1),
    'The share of new traces that is recorded, from 0 to 1. A trace that comes with a request is recorded if its sender records it.',
  ),
  OTEL_BSP_SCHEDULE_DELAY: setting(wholeNumber.min(1).default(5000), 'How long spans are gathered before they are sent, in ms.'),
};

/** What a service reads besides when it sends or takes messages. */
export const messagingConfig = {
  RABBITMQ_URL: secret(z.url({ protocol: /^amqps?$/ }), 'The address of the broker; `amqps://` demands TLS.'),
  RABBITMQ_DEPLOY_URL: secret(
    z.url({ protocol: /^amqps?$/ }).optional(),
    'The same broker, for the user who declares exchanges and queues. Without it RABBITMQ_URL does, and has to have the right to.',
  ),
  ...rabbitmqTlsConfig,
  RABBITMQ_CONNECT_ATTEMPTS: setting(
    wholeNumber.min(1).default(10),
    'How often the broker is tried at the start before it gives up (exit code 69).',
  ),
  BATCH_SIZE: setting(
    wholeNumber.min(1).max(1000).optional(),
    'The most requests, messages or outbox rows that one transaction takes; 1 is no batching at all. Of a queue it is what operators begin with.',
    'a size that suits each',
  ),
  SETTINGS_REREAD_MS: setting(
    wholeNumber.min(10).max(3_600_000).default(30_000),
    'How often each replica looks for changes of run-time settings that it has not heard of.',
  ),
  INBOX_KEPT_DAYS: setting(
    days.min(44).default(45),
    'How long a queue knows what it has handled. Less than what a dead letter may be replayed after would let it be handled twice.',
  ),
};

/** The configuration that every service has. */
export type ServiceConfig = z.infer<z.ZodObject<typeof serviceConfig>>;

/** Names every variable that is missing or bad. */
export class BadConfiguration extends Error {
  override readonly name = 'BadConfiguration';
}

/** Reads a configuration from where its settings are. Throws {@link BadConfiguration}. */
export function parseConfig<Schema extends z.ZodObject>(schema: Schema, sources: ConfigSources): z.infer<Schema> {
  const gathered = gatherSettings(schema, sources);
  const { set } = gathered;
  const { data, error } = schema.safeParse(set);
  const faults = [
    ...gathered.faults,
    ...(error?.issues ?? [])
      .map(({ path, message }) => [path.join('.'), message] as const)
      // A file that could not be read has been complained of.
      .filter(([name]) => name in set || set[`${name}_FILE`] === undefined)
      .map(([name, message]) => `  ${name}: ${name in set ? message : 'is not set'}`),
    ...tlsFaults(Object.fromEntries(Object.entries(set).filter(([name]) => name in schema.shape))).map(
      ([name, fault]) => `  ${name}: ${fault}`,
    ),
    ...('JWT_ISSUER' in schema.shape ? keysFault(set) : []),
  ];
  if (data && faults.length === 0) return data;
  throw new BadConfiguration(`The configuration has ${faults.length === 1 ? 'a fault' : `${faults.length} faults`}:\n${faults.join('\n')}`);
}

/**
 * Reads the configuration of a process from its command line, its environment and the files beside it. Says what is wrong with it and exits
 * with 78 (EX_CONFIG), or with 0 after `--help`.
 */
export function readConfig<Schema extends z.ZodObject>(service: string, schema: Schema): z.infer<Schema> {
  const args = process.argv.slice(2);
  if (args.includes('--help')) {
    process.stdout.write(`${helpText(service, schema)}\n`);
    return process.exit(0);
  }
  try {
    return parseConfig(schema, { env: process.env, args, folder: process.cwd() });
  } catch (error) {
    if (!(error instanceof BadConfiguration)) throw error;
    process.stderr.write(`${error.message}\n`);
    return process.exit(78);
  }
}
