import { EventEmitter } from 'node:events';
import { Inject, Injectable, Logger, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { BentoCache, bentostore, errors } from 'bentocache';
import { memoryDriver } from 'bentocache/drivers/memory';
import { redisDriver } from 'bentocache/drivers/redis';
import { Redis } from 'ioredis';
import { Repository } from 'typeorm';
import { ProductRepriced } from '#libs/contracts';
import { LiveFeed } from '#libs/messaging';
import { ORDER_CONFIG, type OrderConfig } from '../config.js';
import { productReads } from '../metrics.js';
import { Product } from './product.entity.js';

/** How long it is remembered that there is no such product: whoever asks for what is not there, however often, costs one query in this time. */
const unknownForMs = 5_000;
/** How long an old copy may stand in for a database that is away. */
const staleForMs = 6 * 3_600_000;
/** How long the database may take before an old copy is shown instead. */
const patienceMs = 250;
/** Redis answers within this, or counts as away; and is left alone for the next while. */
const redisPatienceMs = 200;
const redisRestMs = 2_000;

/**
 * Products as they are shown: from memory, else from Redis where there is one, else from the database. Nothing that is charged comes from
 * here: an order reads its prices in its own transaction. Copies of a product whose price has changed go from every replica that hears of
 * it; one that does not is up to date again when its copy has aged.
 */
@Injectable()
export class ProductCache implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly logger = new Logger('products');
  private readonly redis: Redis | undefined;
  private readonly store: BentoCache<{ products: ReturnType<typeof bentostore> }>;
  /** The versions that have been heard of: a copy from before can still come, from a query or a Redis that was slow. */
  private readonly heard = new Map<string, number>();

  constructor(
    @InjectRepository(Product) private readonly products: Repository<Product>,
    private readonly feed: LiveFeed,
    @Inject(ORDER_CONFIG) private readonly config: OrderConfig,
  ) {
    this.redis = config.REDIS_URL === undefined ? undefined : this.connect(config.REDIS_URL);
    const memory = bentostore().useL1Layer(memoryDriver({ maxItems: 10_000 }));
    this.store = new BentoCache({
      default: 'products',
      prefix: 'orderly:order',
      emitter: countingReads(),
      grace: staleForMs,
      timeout: patienceMs,
      suppressL2Errors: true,
      l2CircuitBreakerDuration: redisRestMs,
      stores: { products: this.redis ? memory.useL2Layer(redisDriver({ connection: this.redis })) : memory },
    });
  }

  onApplicationBootstrap(): void {
    this.feed.subscribe(ProductRepriced, ({ data: { sku }, sequence = 0 }) => {
      this.heard.set(sku, Math.max(sequence, this.heard.get(sku) ?? 0));
      void this.store.deleteMany({ keys: [listKey, keyOf(sku)] });
    });
  }

  onModuleDestroy(): void {
    this.redis?.disconnect();
  }

  /** All of them, by sku. */
  all(): Promise<Product[]> {
    return this.read(listKey, () => this.products.find({ order: { sku: 'ASC' } }));
  }

  /** Undefined when there is none of this sku. */
  async find(sku: string): Promise<Product | undefined> {
    return (await this.read(keyOf(sku), () => this.products.findBy({ sku })))[0];
  }

  private async read(key: string, query: () => Promise<Product[]>): Promise<Product[]> {
    const copy = await this.readCopy(key, query);
    if (copy.every(({ sku, version }) => version >= (this.heard.get(sku) ?? 0))) return copy;
    return this.readCopy(key, query, { forceFresh: true }).catch(() => copy);
  }

  private async readCopy(key: string, query: () => Promise<Product[]>, options: { forceFresh?: true } = {}): Promise<Product[]> {
    try {
      return await this.store.getOrSet({
        key,
        ...options,
        ttl: jittered(this.config.PRODUCTS_FRESH_MS),
        factory: async ({ setOptions }) => {
          const found = await query();
          if (found.length === 0) setOptions({ ttl: jittered(Math.min(unknownForMs, this.config.PRODUCTS_FRESH_MS)) });
          return found;
        },
      });
    } catch (error) {
      // What the database says, and not that the cache had nothing better.
      throw error instanceof errors.E_FACTORY_ERROR ? error.cause : error;
    }
  }

  private connect(url: string): Redis {
    const redis = new Redis(url, {
      // A question that cannot be asked at once is not asked: the database knows, too.
      enableOfflineQueue: false,
      maxRetriesPerRequest: 0,
      commandTimeout: redisPatienceMs,
      retryStrategy: (times) => Math.min(times * 100, 5_000),
    });
    let away = false;
    redis.on('error', ({ message }: Error) => {
      if (!away) this.logger.warn(`Redis is away, and products come from memory and the database alone: ${message}`);
      away = true;
    });
    redis.on('ready', () => {
      if (away) this.logger.log('Redis is back');
      away = false;
    });
    return redis;
  }
}

const listKey = 'products';
const keyOf = (sku: string): string => `product:${sku}`;

/** Up to a fifth more or less, so that copies that were made together do not all age in one moment. */
export const jittered = (ms: number): number => Math.max(1, Math.round(ms * (0.8 + 0.4 * Math.random())));

function countingReads(): EventEmitter {
  const reads = new EventEmitter();
  reads.on('cache:hit', ({ layer, graced }: { layer: 'l1' | 'l2'; graced: boolean }) => {
    productReads.inc({ from: graced ? 'stale' : layer === 'l1' ? 'memory' : 'redis' });
  });
  reads.on('cache:miss', () => productReads.inc({ from: 'database' }));
  return reads;
}
