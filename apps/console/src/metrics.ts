import { Counter, Gauge } from 'prom-client';

/** `outcome`: `new`; `again`, of a replay; `repeated`, which the broker has delivered twice. */
export const deadLettersCollected = new Counter({
  name: 'orderly_dead_letters_collected_total',
  help: 'Dead letters that were taken off the broker',
  labelNames: ['queue', 'outcome'] as const,
});

export const operatorActions = new Counter({
  name: 'orderly_dead_letter_actions_total',
  help: 'Dead letters that an operator has replayed, edited or discarded',
  labelNames: ['action'] as const,
});

/** `outcome`: done, duplicate, dead. */
export const replaysSettled = new Counter({
  name: 'orderly_replays_settled_total',
  help: 'Replays by what became of them',
  labelNames: ['queue', 'outcome'] as const,
});

export const messagesRecorded = new Counter({
  name: 'orderly_audit_trail_recorded_total',
  help: 'Messages in the audit trail, repeats not counted',
});

export const activityRecorded = new Counter({
  name: 'orderly_activity_recorded_total',
  help: 'Calls by callers that are kept, repeats not counted',
});

export const lettersParked = new Gauge({
  name: 'orderly_dead_letters_parked',
  help: 'Dead letters that wait for an operator',
});
