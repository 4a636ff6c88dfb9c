import { z } from 'zod';
import { serviceConfig } from '#libs/service';

const milliseconds = z.coerce.number().int().min(0).max(3_600_000);

/** The environment that the simulator reads. */
export const simulatorConfig = z.object({
  ...serviceConfig,
  /** What callers have to show as `Authorization: Bearer …`. */
  API_KEY: z.string().min(8),
  /** Where events are announced; nowhere when it is not set. */
  WEBHOOK_URL: z.url({ protocol: /^https?$/ }).optional(),
  /** Signs what is announced. */
  WEBHOOK_SECRET: z.string().min(8),
  /** How long the receiver of a webhook has to answer. */
  WEBHOOK_TIMEOUT_MS: milliseconds.min(100).max(30_000).default(10_000),
  /** How often one webhook is tried before it is given up. */
  WEBHOOK_TRIES: z.coerce.number().int().min(1).max(100).default(20),
  /** The pause after the first try; each one after it is twice as long, up to the longest. */
  WEBHOOK_FIRST_PAUSE_MS: milliseconds.min(1).default(500),
  WEBHOOK_LONGEST_PAUSE_MS: milliseconds.min(1).default(30_000),
  /** How late `webhookLate` is. */
  WEBHOOK_LATE_MS: milliseconds.default(5_000),
  /** How long `slow` takes to answer. */
  SLOW_CARD_MS: milliseconds.default(3_000),
  /** How long after its answer `processing` decides. */
  PROCESSING_MS: milliseconds.default(3_000),
  /** How long the search does not find a new payment intent: Stripe's own is up to a minute behind. */
  SEARCH_LAG_MS: milliseconds.default(0),
  /** Opens `/_faults`, where an operator tells the simulator how to misbehave. */
  FAULTS_ENABLED: z.stringbool().default(false),
});
export type SimulatorConfig = z.infer<typeof simulatorConfig>;

/** Injects the {@link SimulatorConfig}. */
export const SIMULATOR_CONFIG = Symbol('SimulatorConfig');
