import { Counter, Gauge, Histogram } from 'prom-client';

export const requestTime = new Histogram({
  name: 'orderly_http_request_seconds',
  help: 'From the first header of a request to the end of its answer, by the pattern of its route',
  labelNames: ['method', 'route', 'status'],
  buckets: [0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5],
});

export const liveStreams = new Gauge({ name: 'orderly_live_streams', help: 'Clients that are listening to a live stream now' });

export const droppedLiveStreams = new Counter({
  name: 'orderly_live_streams_dropped_total',
  help: 'Clients of a live stream that were cut off because they did not read',
});
