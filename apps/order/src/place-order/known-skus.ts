import { Catch, type ArgumentsHost } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import { problem, Problem, ProblemFilter, type FieldError } from '#libs/http';
import { skuOf } from './place-order-body.js';

/** An error for every line whose product doesn't exist; `skus` has one entry for each line, undefined where a line has none. */
export async function unknownSkus(skus: readonly (string | undefined)[], manager: EntityManager): Promise<FieldError[]> {
  const known = await manager.query<{ sku: string }[]>('SELECT sku FROM products WHERE sku = ANY($1::text[])', [skus]);
  const names = new Set(known.map(({ sku }) => sku));
  return skus.flatMap((sku, line) =>
    sku === undefined || names.has(sku)
      ? []
      : [{ pointer: `#/items/${line}/sku`, code: 'unknown-sku', message: 'There is no such product.' }],
  );
}

/** Adds its unknown skus to what is wrong with a body, so that one answer names everything there is to correct. */
@Catch(Problem)
export class UnknownSkusToo extends ProblemFilter {
  constructor(private readonly dataSource: DataSource) {
    super();
  }

  override catch(refusal: Problem, host: ArgumentsHost): void {
    const { body } = host.switchToHttp().getRequest<{ body: unknown }>();
    // oxlint-disable-next-line promise/valid-params, promise/no-promise-in-callback -- the catch of a filter, not of a promise
    const answer = (error: unknown) => super.catch(error, host);
    // Nest does not wait for a filter, so a failure to look them up is answered here too.
    void this.complete(refusal, body).then(answer, answer);
  }

  private async complete(refusal: Problem, body: unknown): Promise<Problem> {
    const { slug, errors = [], message } = refusal;
    if (errors.some(({ code }) => code === 'unknown-sku')) return refusal;
    if (slug === 'validation') {
      return problem('validation', message, { errors: [...errors, ...(await unknownSkus(skusOf(body), this.dataSource.manager))] });
    }
    // What is wrong with a body is said before what is wrong with its key, and that a product is unknown shows only here.
    if (slug === 'idempotency-key-reused' || slug === 'idempotency-key-in-use') {
      const unknown = await unknownSkus(skusOf(body), this.dataSource.manager);
      if (unknown.length > 0) return problem('validation', 'See `errors` for each of them.', { errors: unknown });
    }
    return refusal;
  }
}

function skusOf(body: unknown): (string | undefined)[] {
  const items = typeof body === 'object' && body !== null && 'items' in body ? body.items : [];
  return Array.isArray(items) ? items.map(skuOf) : [];
}
