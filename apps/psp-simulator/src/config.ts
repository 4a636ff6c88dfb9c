import { z } from 'zod';
import { secret, serviceConfig, setting, wholeNumber } from '#libs/service';

const milliseconds = wholeNumber.min(0).max(3_600_000);

/** The environment that the simulator reads. */
export const simulatorConfig = z.object({
  ...serviceConfig,
  API_KEY: secret(z.string().min(8), 'What callers have to show as `Authorization: Bearer …`.'),
  WEBHOOK_URL: setting(z.url({ protocol: /^https?$/ }).optional(), 'Where events are announced; nowhere when it is not set.'),
  WEBHOOK_SECRET: secret(z.string().min(8), 'Signs what is announced.'),
  WEBHOOK_TIMEOUT_MS: setting(milliseconds.min(100).max(30_000).default(10_000), 'How long the receiver of a webhook has to answer.'),
  WEBHOOK_TRIES: setting(wholeNumber.min(1).max(100).default(20), 'How often one webhook is tried before it is given up.'),
  WEBHOOK_FIRST_PAUSE_MS: setting(
    milliseconds.min(1).default(500),
    'The pause after the first try; each one after it is twice as long, up to the longest.',
  ),
  WEBHOOK_LONGEST_PAUSE_MS: setting(milliseconds.min(1).default(30_000), 'The longest of those pauses.'),
  WEBHOOK_LATE_MS: setting(milliseconds.default(5_000), 'How late `webhookLate` is.'),
  SLOW_CARD_MS: setting(milliseconds.default(3_000), 'How long `slow` takes to answer.'),
  PROCESSING_MS: setting(milliseconds.default(3_000), 'How long after its answer `processing` decides.'),
  SEARCH_LAG_MS: setting(
    milliseconds.default(0),
    "How long the search does not find a new payment intent: Stripe's own is up to a minute behind.",
  ),
  FAULTS_ENABLED: setting(z.stringbool().default(false), 'Opens `/_faults`, where an operator tells the simulator how to misbehave.'),
});
export type SimulatorConfig = z.infer<typeof simulatorConfig>;

/** Injects the {@link SimulatorConfig}. */
export const SIMULATOR_CONFIG = Symbol('SimulatorConfig');
