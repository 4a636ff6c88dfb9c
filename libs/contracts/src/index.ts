export * from './dead-letter.messages.js';
export * from './envelope.js';
export * from './message.js';
export * from './notification.messages.js';
export * from './order.messages.js';
export * from './payment.messages.js';
export * from './queries.js';
export * from './topology.js';
