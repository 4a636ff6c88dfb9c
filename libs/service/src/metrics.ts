import { Counter, Gauge } from 'prom-client';

/** `peer`: postgres (attempts at start), rabbitmq. */
export const connectFailures = new Counter({
  name: 'orderly_connect_failures_total',
  help: 'Failed attempts to connect',
  labelNames: ['peer'],
});

export const spansLost = new Counter({
  name: 'orderly_spans_lost_total',
  help: 'Spans that whoever collects them did not take',
});

export const poolConnections = new Gauge({
  name: 'orderly_database_pool_connections',
  help: 'Open connections to the database, idle ones included',
});

export const poolIdle = new Gauge({
  name: 'orderly_database_pool_idle_connections',
  help: 'Open connections to the database that nobody uses',
});

export const poolLimit = new Gauge({
  name: 'orderly_database_pool_limit_connections',
  help: 'The most connections to the database that this process may open',
});

export const poolWaiters = new Gauge({
  name: 'orderly_database_pool_waiters',
  help: 'Pieces of work that wait for a connection to the database. Above zero for long, the pool is too small or the database too slow',
});

export const rowsForgotten = new Counter({
  name: 'orderly_rows_forgotten_total',
  help: 'Rows that were deleted because they had been kept for their time',
  labelNames: ['table'],
});
