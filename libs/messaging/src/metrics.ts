import { Counter, Gauge, Histogram } from 'prom-client';

/** `outcome`: done, duplicate, too_late, retried, dead. */
export const messagesHandled = new Counter({
  name: 'orderly_messages_handled_total',
  help: 'Messages by queue and by what became of them: done, duplicate, too_late, retried, dead',
  labelNames: ['queue', 'outcome'],
});

/** `outcome`: committed, failed. */
export const handlingSeconds = new Histogram({
  name: 'orderly_batch_handling_seconds',
  help: 'Time from taking a batch to its commit, or to its failure: then each message is tried alone',
  labelNames: ['queue', 'outcome'],
  buckets: [0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5],
});

export const batchMessages = new Histogram({
  name: 'orderly_batch_messages',
  help: 'Messages handled in one transaction',
  labelNames: ['queue'],
  buckets: [1, 2, 5, 10, 20, 50, 100, 200],
});

export const activitySent = new Counter({
  name: 'orderly_activity_sent_total',
  help: 'Calls by callers that were handed to the broker, which may lose them',
});

export const activityDropped = new Counter({
  name: 'orderly_activity_dropped_total',
  help: 'Calls by callers that were not reported: there were more than the broker took',
});

export const retriesLost = new Counter({
  name: 'orderly_retries_lost_total',
  help: 'Retries that did not come out of the delay service and were sent anew',
  labelNames: ['queue'],
});

/** `rung`: 1 for the first retry of a message, and so on up the ladder. */
export const messageRetries = new Counter({
  name: 'orderly_message_retries_total',
  help: 'Messages that were sent to wait for another try, by the rung of the ladder',
  labelNames: ['queue', 'rung'],
});

export const consumersPaused = new Gauge({
  name: 'orderly_consumers_paused',
  help: '1 while a consumer waits for something it depends on, or is paused by an operator',
  labelNames: ['queue'],
});

export const relayedMessages = new Counter({
  name: 'orderly_outbox_relayed_total',
  help: 'Outbox rows by what the broker said: confirmed, refused, unknown, parked',
  labelNames: ['outcome'],
});

export const connectionBlocked = new Gauge({
  name: 'orderly_broker_blocked',
  help: '1 while the broker has stopped reading a connection',
  labelNames: ['connection'],
});

export const relayBatchMessages = new Histogram({
  name: 'orderly_outbox_relay_batch_messages',
  help: 'Messages that the relay sent together, before it waited for the confirms',
  buckets: [1, 2, 5, 10, 20, 50, 100, 200, 500],
});

export const unsentMessages = new Gauge({ name: 'orderly_outbox_messages', help: 'Messages of this service that have not left' });

export const oldestUnsentSeconds = new Gauge({
  name: 'orderly_outbox_oldest_seconds',
  help: 'Age of the oldest unsent message of this service; 0 when there is none',
});

export const parkedMessages = new Gauge({
  name: 'orderly_outbox_parked_messages',
  help: 'Messages in outbox_parked. Each one needs a person',
});

/** `outcome`: answered, failed. */
export const queriesAnswered = new Counter({
  name: 'orderly_queries_answered_total',
  help: 'Questions of other services by what became of them',
  labelNames: ['query', 'outcome'],
});
