/** A row of a stream that is sorted by `key`. */
export interface Keyed {
  readonly key: string;
}

type Streams<Rows extends Record<string, Keyed>> = { readonly [Name in keyof Rows]: AsyncIterable<Rows[Name]> };
type Group<Rows extends Record<string, Keyed>> = { readonly key: string } & { readonly [Name in keyof Rows]: readonly Rows[Name][] };

/**
 * Walks along streams that are sorted by the same key, and yields for each key what every stream has of it: a join of what stands in
 * several databases, with no more in memory than the rows of one key.
 */
export async function* inStep<Rows extends Record<string, Keyed>>(
  streams: Streams<Rows>,
  direction: 'ascending' | 'descending' = 'ascending',
): AsyncGenerator<Group<Rows>, void, undefined> {
  const comesBefore = (a: string, b: string) => (direction === 'ascending' ? a < b : a > b);
  const walks = Object.entries<AsyncIterable<Keyed>>(streams).map(([name, stream]) => ({ name, walk: new Walk(stream) }));
  try {
    for (const { walk } of walks) await walk.next();
    for (;;) {
      const keys = walks.flatMap(({ walk }) => (walk.current ? [walk.current.key] : []));
      if (keys.length === 0) return;
      const key = keys.reduce((first, other) => (comesBefore(other, first) ? other : first));
      const group: Record<string, unknown> = { key };
      for (const { name, walk } of walks) group[name] = await walk.take(key);
      yield group as Group<Rows>;
    }
  } finally {
    for (const { walk } of walks) await walk.end();
  }
}

class Walk {
  current: Keyed | undefined;
  private readonly iterator: AsyncIterator<Keyed>;

  constructor(stream: AsyncIterable<Keyed>) {
    this.iterator = stream[Symbol.asyncIterator]();
  }

  async next(): Promise<void> {
    const { value, done } = await this.iterator.next();
    this.current = done ? undefined : value;
  }

  async take(key: string): Promise<Keyed[]> {
    const taken: Keyed[] = [];
    while (this.current?.key === key) {
      taken.push(this.current);
      await this.next();
    }
    return taken;
  }

  async end(): Promise<void> {
    await this.iterator.return?.();
  }
}
