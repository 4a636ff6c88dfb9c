export { activityOf } from './activity-stream.js';
export { type Passing } from './audit-trail.js';
export { CollectsActivity, CollectsAuditTrail, CollectsDeadLetters } from './collector.js';
export { forReplay, type DeadLetter } from './dead-letters.js';
export { declarationsOf } from './declare-topology.js';
export { happenedInMessaging } from './happened.js';
export { handleOnce, intendOnce } from './inbox.js';
export { LiveFeed } from './live-feed.js';
export {
  Consumes,
  type Answered,
  type AskingHandler,
  type BatchHandler,
  type Incoming,
  type MessageOf,
  type QueueName,
} from './message-handler.js';
export { MessageOutcomes } from './message-outcomes.js';
export { inboxKept, messagingMigrations } from './messaging-tables.js';
export { MessagingModule } from './messaging.module.js';
export { OutboxState } from './outbox-state.js';
export { QueueDepths } from './queue-depths.js';
export { runTimeSetting, RunTimeSettings } from './settings/run-time-settings.js';
export { SettingsController } from './settings/settings.controller.js';
export { Transactions, type Redelivery, type Transaction } from './outbox.js';
export { NoAnswer, Queries, queryServer } from './queries.js';
export { DependencyAway, PermanentFailure, UnderWayElsewhere } from './retry-policy.js';
