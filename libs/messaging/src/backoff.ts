/** Exponential backoff with jitter, in milliseconds: between a tenth and the whole of `first * 2^(attempt-1)`, capped. */
export function backoffMs(attempt: number, firstMs: number, capMs: number): number {
  const ceiling = Math.min(capMs, firstMs * 2 ** Math.min(attempt - 1, 30));
  return Math.round(ceiling * (0.1 + 0.9 * Math.random()));
}
