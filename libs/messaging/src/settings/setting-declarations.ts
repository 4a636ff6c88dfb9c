import { z } from 'zod';
import type { QueueDeclaration } from '#libs/contracts';
import { changeLogLevel, changeTraceSampling, serviceConfig, type ServiceConfig } from '#libs/service';
import type { Consumer } from '../consumer.js';
import { runTimeSetting, type RunTimeSetting } from './run-time-settings.js';

export type ProcessConfig = Pick<ServiceConfig, 'LOG_LEVEL' | 'OTEL_TRACES_SAMPLER_ARG'>;

/** What every process has. */
export function processSettings(config: ProcessConfig): RunTimeSetting[] {
  return [
    runTimeSetting({
      name: 'log-level',
      meaning: 'The least that is worth a line in the log.',
      schema: serviceConfig.LOG_LEVEL.unwrap(),
      configured: config.LOG_LEVEL,
      apply: changeLogLevel,
    }),
    runTimeSetting({
      name: 'trace-sampling',
      meaning: 'The share of new traces that is recorded, from 0 to 1, where spans are sent anywhere.',
      schema: z.number().min(0).max(1),
      configured: config.OTEL_TRACES_SAMPLER_ARG,
      apply: changeTraceSampling,
    }),
  ];
}

/** What every consumer has, under the name of its queue. */
export function consumerSettings(
  queue: string,
  { batch, prefetch }: Pick<QueueDeclaration, 'batch' | 'prefetch'>,
  consumer: Consumer,
): RunTimeSetting[] {
  return [
    runTimeSetting({
      name: `${queue}.batch-size`,
      meaning: 'The most messages that one transaction handles.',
      schema: z.int().min(1).max(1000),
      configured: batch,
      apply: (value) => consumer.setBatch(value),
    }),
    runTimeSetting({
      name: `${queue}.prefetch`,
      meaning: 'The most messages that each replica holds unacknowledged.',
      schema: z.int().min(1).max(10_000),
      configured: prefetch,
      apply: (value) => consumer.setPrefetch(value),
    }),
    runTimeSetting({
      name: `${queue}.paused`,
      meaning: 'Whether its messages are left on the queue.',
      schema: z.boolean(),
      configured: false,
      apply: (value) => (value ? void consumer.pauseByOperator() : consumer.resumeByOperator()),
    }),
  ];
}
