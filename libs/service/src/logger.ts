import type { LoggerService, LogLevel } from '@nestjs/common';
import { type DestinationStream, type Logger, pino } from 'pino';
import { redactText } from './redact-text.js';
import { currentTrace, currentWork } from './trace-context.js';

export interface ServiceLoggerOptions {
  readonly service: string;
  readonly instance: string;
  readonly level: string;
  readonly format: 'json' | 'pretty';
}

// Nest names each module and route while it starts: of use to whoever debugs that, noise to everybody else.
const chatty = new Set(['InstanceLoader', 'NestFactory', 'NestApplication', 'RouterExplorer', 'RoutesResolver']);

// Who tells what stops the start. It reaches startService too, which says it once.
const startErrors = new Set(['ExceptionHandler', 'NestApplication']);

/** Those of this process, which is one, be it that specs make more. */
const loggers = new Set<Logger>();

/** From now on, the least that is worth a line. */
export function changeLogLevel(level: string): void {
  for (const logger of loggers) logger.level = level;
}

/** Writes Nest's log as JSON, one object a line, each with whose story it belongs to, and none with what nobody should read there. */
export class ServiceLogger implements LoggerService {
  private readonly pino: Logger;

  constructor({ service, instance, level, format }: ServiceLoggerOptions, destination?: DestinationStream) {
    this.pino = pino(
      {
        level,
        base: { service, instance },
        timestamp: () => `,"time":"${new Date().toISOString()}"`,
        formatters: { level: (label) => ({ level: label }) },
        mixin: whoseLine,
      },
      destination ?? (format === 'pretty' ? prettyLines : pino.destination({ fd: 1, sync: true })),
    );
    loggers.add(this.pino);
  }

  log(message: unknown, ...rest: unknown[]): void {
    const context = contextOf(rest);
    this.pino[context && chatty.has(context) ? 'debug' : 'info']({ context }, textOf(message));
  }

  warn(message: unknown, ...rest: unknown[]): void {
    this.pino.warn({ context: contextOf(rest) }, textOf(message));
  }

  debug(message: unknown, ...rest: unknown[]): void {
    this.pino.debug({ context: contextOf(rest) }, textOf(message));
  }

  verbose(message: unknown, ...rest: unknown[]): void {
    this.pino.trace({ context: contextOf(rest) }, textOf(message));
  }

  error(message: unknown, ...rest: unknown[]): void {
    if (startErrors.has(contextOf(rest) ?? '')) return;
    this.failure('error', message, rest);
  }

  fatal(message: unknown, ...rest: unknown[]): void {
    this.failure('fatal', message, rest);
  }

  setLogLevels(_levels: LogLevel[]): void {
    // The level is configured by LOG_LEVEL, and changed by changeLogLevel.
  }

  /** Nest hands over either an error, or a message, its stack and the context. */
  private failure(level: 'error' | 'fatal', message: unknown, rest: readonly unknown[]): void {
    const context = contextOf(rest);
    const error = [message, ...rest].find((part) => part instanceof Error);
    const stack = error?.stack ?? rest.find((part) => typeof part === 'string' && /\n\s+at /.test(part));
    this.pino[level]({ context, stack: typeof stack === 'string' ? redactText(stack) : undefined }, textOf(message));
  }
}

/** Whose story a line belongs to, as far as anybody knows. */
function whoseLine() {
  const trace = currentTrace();
  const { orderId, messageId } = currentWork() ?? {};
  return { traceId: trace?.traceId, spanId: trace?.spanId, orderId, messageId };
}

/** Nest appends the name of who speaks. */
function contextOf(rest: readonly unknown[]): string | undefined {
  const last = rest.at(-1);
  return typeof last === 'string' && !last.includes('\n') ? last : undefined;
}

function textOf(message: unknown): string {
  if (message instanceof Error) return redactText(message.message);
  return redactText(typeof message === 'string' ? message : (JSON.stringify(message) ?? String(message)));
}

/** A control character as JSON writes it: what is logged may come from anybody, and is to begin no line and to move no cursor. */
const escaped = (character: string): string => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;

const prettyLines: DestinationStream = {
  write(line: string): void {
    const { time, level, context, msg, stack } = JSON.parse(line) as Record<string, string | undefined>;
    const words = [time?.slice(11, 23), level?.toUpperCase().padEnd(5), context && `[${context}]`, msg].filter(Boolean);
    process.stdout.write(`${words.join(' ').replaceAll(/\p{Cc}/gu, escaped)}\n${stack ? `${stack}\n` : ''}`);
  },
};
