import { hostname } from 'node:os';
import { z } from 'zod';
import { callersConfig, keysFault } from './callers-config.js';
import { databaseTlsConfig, databaseUrl, rabbitmqTlsConfig, tlsFaults } from './tls-config.js';

const wholeNumber = z.coerce.number().int();

/** Requests per second. */
export const rate = wholeNumber.min(0).max(1_000_000);
/** Requests at once. */
export const burst = wholeNumber.min(1).max(1_000_000);

/** The environment that every service reads. Spread it into the service's own schema. */
export const serviceConfig = {
  /** `?sslmode=verify-full` demands TLS, as any of the files does. */
  DATABASE_URL: databaseUrl,
  ...databaseTlsConfig,
  ...callersConfig,
  /** 0 takes any free port. */
  HTTP_PORT: wholeNumber.min(0).max(65_535),
  HTTP_HOST: z.string().default('0.0.0.0'),
  LOG_LEVEL: z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace']).default('info'),
  /** Left out: lines for people in a terminal, JSON everywhere else. */
  LOG_FORMAT: z.enum(['json', 'pretty']).default(() => (process.stdout.isTTY ? 'pretty' : 'json')),
  /** How often one address may ask, and one caller: so often a second in the long run (0: any), and so often at once. */
  ADDRESS_RATE_PER_SECOND: rate.default(100),
  ADDRESS_RATE_BURST: burst.default(200),
  CALLER_RATE_PER_SECOND: rate.default(50),
  CALLER_RATE_BURST: burst.default(100),
  /** Proxies that are believed about the address of whom they speak for: addresses or networks, with commas between them. */
  TRUSTED_PROXIES: z
    .string()
    .transform((list) => list.split(','))
    .pipe(z.array(z.union([z.ipv4(), z.ipv6(), z.cidrv4(), z.cidrv6()])))
    .optional(),
  DATABASE_POOL_SIZE: wholeNumber.min(2).max(1000).default(16),
  DATABASE_CONNECT_ATTEMPTS: wholeNumber.min(1).default(10),
  SHUTDOWN_DEADLINE_SECONDS: wholeNumber.min(1).default(20),
  /** Tells replicas apart in logs, connections and queues. */
  INSTANCE: z.string().default(() => `${hostname()}-${process.pid}`),
  /** Where spans are sent, by OTLP over HTTP: `http://jaeger:4318`. Without this and the next one no spans are recorded. */
  OTEL_EXPORTER_OTLP_ENDPOINT: z.url({ protocol: /^https?$/ }).optional(),
  /** The same in Zipkin's form: `http://zipkin:9411/api/v2/spans`. */
  OTEL_EXPORTER_ZIPKIN_ENDPOINT: z.url({ protocol: /^https?$/ }).optional(),
  /** The share of new traces that is recorded, from 0 to 1. A trace that comes with a request is recorded if its sender records it. */
  OTEL_TRACES_SAMPLER_ARG: z.coerce.number().min(0).max(1).default(1),
  /** How long spans are gathered before they are sent, in ms. */
  OTEL_BSP_SCHEDULE_DELAY: wholeNumber.min(1).default(5000),
};

/** What a service reads besides when it sends or takes messages. */
export const messagingConfig = {
  /** `amqps://` demands TLS. */
  RABBITMQ_URL: z.url({ protocol: /^amqps?$/ }),
  ...rabbitmqTlsConfig,
  RABBITMQ_CONNECT_ATTEMPTS: wholeNumber.min(1).default(10),
  /** The most requests, messages or outbox rows that one transaction takes; 1 is no batching at all. Left out, each has a size that suits it. */
  BATCH_SIZE: wholeNumber.min(1).max(1000).optional(),
};

/** The configuration that every service has. */
export type ServiceConfig = z.infer<z.ZodObject<typeof serviceConfig>>;

/** Names every variable that is missing or bad. */
export class BadConfiguration extends Error {
  override readonly name = 'BadConfiguration';
}

/** Reads a configuration from environment variables. Throws {@link BadConfiguration}. */
export function parseConfig<Schema extends z.ZodObject>(schema: Schema, env: NodeJS.ProcessEnv): z.infer<Schema> {
  // Compose and shells pass on a variable that isn't set as an empty one.
  const set = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== ''));
  const { data, error } = schema.safeParse(set);
  const faults = [
    ...(error?.issues ?? []).map(({ path, message }) => {
      const name = path.join('.');
      return `  ${name}: ${name in set ? message : 'is not set'}`;
    }),
    ...tlsFaults(Object.fromEntries(Object.entries(set).filter(([name]) => name in schema.shape))).map(
      ([name, fault]) => `  ${name}: ${fault}`,
    ),
    ...('JWT_ISSUER' in schema.shape ? keysFault(set) : []),
  ];
  if (data && faults.length === 0) return data;
  throw new BadConfiguration(`The configuration has ${faults.length === 1 ? 'a fault' : `${faults.length} faults`}:\n${faults.join('\n')}`);
}

/** Reads the configuration, or says what is wrong with it and exits with 78 (EX_CONFIG). */
export function readConfig<Schema extends z.ZodObject>(schema: Schema, env: NodeJS.ProcessEnv = process.env): z.infer<Schema> {
  try {
    return parseConfig(schema, env);
  } catch (error) {
    if (!(error instanceof BadConfiguration)) throw error;
    process.stderr.write(`${error.message}\n`);
    return process.exit(78);
  }
}
