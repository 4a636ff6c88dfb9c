import type { HttpRequest, Reply } from './http-request.js';
import { problem } from './problem-details.js';

/** So many requests a second in the long run, and so many at once. */
export interface Rate {
  /** 0: as many as there are. */
  readonly perSecond: number;
  readonly burst: number;
}

/**
 * How often somebody may ask, in this process. An address is counted before anything is done for it; a caller once they are known, so that
 * many may share an address. A route that is named (`POST /orders`) has a rate of its own for each.
 */
export interface Rates {
  readonly address: Rate;
  readonly addressAt?: Readonly<Record<string, Rate>> | undefined;
  readonly caller: Rate;
  readonly callerAt?: Readonly<Record<string, Rate>> | undefined;
}

interface Standing {
  readonly isAllowed: boolean;
  /** How many more would be allowed now. */
  readonly remaining: number;
  /** Until the next one is allowed. */
  readonly waitMs: number;
}

/** A bucket for each key, from which each request takes one, and into which they come back at their rate. */
export class RateLimit {
  /** When each bucket will be full again: all that has to be known of it. The latest used last. */
  private readonly fullAt = new Map<string, number>();
  private readonly intervalMs: number;

  /** @param mostKeys the buckets that are kept; one that is let go is full again */
  constructor(
    readonly rate: Rate,
    private readonly mostKeys = 50_000,
  ) {
    this.intervalMs = 1000 / rate.perSecond;
  }

  take(key: string, now: number): Standing {
    const { intervalMs, fullAt } = this;
    const taken = Math.max((fullAt.get(key) ?? now) - now, 0) / intervalMs;
    const left = this.rate.burst - taken;
    if (left < 1) return { isAllowed: false, remaining: 0, waitMs: (1 - left) * intervalMs };
    fullAt.delete(key);
    fullAt.set(key, now + (taken + 1) * intervalMs);
    const [longestUnused] = fullAt.keys();
    if (fullAt.size > this.mostKeys && longestUnused !== undefined) fullAt.delete(longestUnused);
    return { isAllowed: true, remaining: Math.floor(left - 1), waitMs: 0 };
  }
}

/** Holds requests to their {@link Rates}, and tells each how it stands. */
export class RateLimits {
  private readonly address: RateLimit;
  private readonly addressAt: ReadonlyMap<string, RateLimit>;
  private readonly caller: RateLimit;
  private readonly callerAt: ReadonlyMap<string, RateLimit>;

  constructor({ address, addressAt, caller, callerAt }: Rates) {
    this.address = new RateLimit(address);
    this.addressAt = byRoute(addressAt);
    this.caller = new RateLimit(caller);
    this.callerAt = byRoute(callerAt);
  }

  /** Throws `too-many-requests`. */
  admitAddress(request: HttpRequest, reply: Reply): void {
    take(this.addressAt.get(routeOf(request)) ?? this.address, 'address', request.ip, reply);
  }

  /** Throws `too-many-requests`. */
  admitCaller(request: HttpRequest, reply: Reply, scope: string): void {
    take(this.callerAt.get(routeOf(request)) ?? this.caller, 'caller', scope, reply);
  }
}

function byRoute(rates: Readonly<Record<string, Rate>> = {}): ReadonlyMap<string, RateLimit> {
  return new Map(Object.entries(rates).map(([route, rate]) => [route, new RateLimit(rate)]));
}

const routeOf = ({ method, routeOptions }: HttpRequest): string => `${method} ${routeOptions.url}`;

/** The headers are those of draft-ietf-httpapi-ratelimit-headers-10. */
function take(limit: RateLimit, policy: string, key: string, reply: Reply): void {
  const { perSecond, burst } = limit.rate;
  if (perSecond === 0) return;
  const { isAllowed, remaining, waitMs } = limit.take(key, performance.now());
  const waitSeconds = Math.max(Math.ceil(waitMs / 1000), 1);
  reply.header('ratelimit-policy', `"${policy}";q=${burst};w=${Math.ceil(burst / perSecond)}`);
  reply.header('ratelimit', `"${policy}";r=${remaining};t=${waitSeconds}`);
  if (!isAllowed) throw problem('too-many-requests', 'Ask again when Retry-After has passed.', { retryAfterSeconds: waitSeconds });
}
