import type { Topology } from '#libs/contracts';

type DelayService = Topology['delay'];

/** Where on the broker a message begins its wait. */
export interface Route {
  readonly exchange: string;
  readonly routingKey: string;
}

export const laneName = (delay: DelayService, seconds: number): string => `${delay.name}.lane-${seconds}`;
export const levelName = (delay: DelayService, level: number): string => `${delay.name}.${String(level).padStart(2, '0')}`;
/** The exchange that every wait ends at; each work queue is bound to it by its own name. */
export const deliverName = (delay: DelayService): string => `${delay.name}.deliver`;

/** The longest delay in seconds: every level once. */
export const longestDelaySeconds = (delay: DelayService): number => 2 ** delay.levels - 1;

/**
 * The way into the delay service for a message that should reach `destination` (a queue) in `seconds`.
 *
 * A delay with a lane waits once, in the lane's queue. Any other is written in binary, most significant digit first, and the digits
 * lead the routing key: at level n a `1` means to wait 2^n seconds in that level's queue, a `0` to pass by. No queue ever holds two
 * different delays, so a short one never stands behind a long one: RabbitMQ expires messages only at the head of a queue.
 *
 * @throws RangeError when the delay is longer than all levels together
 * @see https://www.rabbitmq.com/docs/ttl#message-ttl-dead-lettering
 * @see https://docs.particular.net/transports/rabbitmq/delayed-delivery (the binary cascade)
 */
export function routeDelayed(seconds: number, destination: string, delay: DelayService): Route {
  const wait = Math.ceil(seconds);
  if (wait <= 0) return { exchange: deliverName(delay), routingKey: destination };
  if (delay.lanes.includes(wait)) return { exchange: delay.name, routingKey: `lane-${wait}.${destination}` };
  if (!(wait <= longestDelaySeconds(delay))) {
    throw new RangeError(`a delay of ${wait} s is longer than the longest, ${longestDelaySeconds(delay)} s`);
  }
  const digits = wait.toString(2).padStart(delay.levels, '0');
  const highest = delay.levels - 1 - digits.indexOf('1');
  return { exchange: levelName(delay, highest), routingKey: `${digits.split('').join('.')}.${destination}` };
}

/** The topic pattern that matches, at a level, the routing keys whose digit for that level is `digit`. */
export function digitPattern(level: number, digit: 0 | 1, delay: DelayService): string {
  return [...Array<string>(delay.levels - 1 - level).fill('*'), String(digit), '#'].join('.');
}
