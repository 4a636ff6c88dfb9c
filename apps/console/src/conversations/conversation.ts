import type { Happening } from '#libs/contracts';

/** A message that the audit trail has recorded. */
export interface Recorded {
  readonly messageId: string;
  readonly type: string;
  /** The service that said it. */
  readonly source: string;
  readonly at: Date;
  readonly causationId: string | null;
  readonly sequence: number | null;
  readonly data: unknown;
}

/** One thing that happened, and what made it happen as far as anybody knows. */
export interface Entry extends Omit<Happening, 'kind' | 'sequence'> {
  readonly kind: Happening['kind'] | 'dead-letter';
  /** The service that it happened in. */
  readonly source: string;
}

/** What one side has told. */
export interface Side {
  readonly source: string;
  readonly happened: readonly (Omit<Happening, 'kind'> & { readonly kind: Entry['kind'] })[];
}

type Told = Side['happened'][number] & { readonly source: string };

/**
 * Makes one story of what every side tells of an order: in the order of time, but for what would come before its cause, because clocks
 * differ. What nobody wrote down is inferred from what was:
 * - what is said of version n of a thing was caused by the change to n, and that by the delivery which the message names as its cause;
 * - a change that nobody spoke of was caused by what had come in last, if it is of a kind that can cause it;
 * - a command, which passes no audit trail, is known from its delivery, and by the attempt that what followed from it names.
 */
export function tellConversation(sides: readonly Side[], trail: readonly Recorded[]): Entry[] {
  const told: Told[] = sides.flatMap(({ source, happened }) => happened.map((one) => ({ ...one, source })));
  const said = trail.toSorted((a, b) => a.at.getTime() - b.at.getTime());
  const deliveries = told.filter(({ kind }) => kind === 'delivery');
  const deliveryOf = (messageId: string | null, source: string, queue?: string) =>
    deliveries.find(
      (one) => one.source === source && one.causedBy === messageId && (queue === undefined || one.details?.['queue'] === queue),
    )?.id;

  // The first to speak of a version is the one that made it; whoever does later was moved by something else.
  const firstOf = new Map<string, Recorded>();
  for (const message of said) {
    const version = `${message.source}.${message.sequence}`;
    if (message.sequence !== null && !firstOf.has(version)) firstOf.set(version, message);
  }
  const changeIds = new Map(told.flatMap(({ kind, source, sequence, id }) => (kind === 'change' ? [[`${source}.${sequence}`, id]] : [])));

  const causeOfMessage = ({ source, sequence, causationId }: Recorded): string | undefined => {
    const version = `${source}.${sequence}`;
    if (firstOf.get(version)?.causationId === causationId && changeIds.has(version)) return changeIds.get(version);
    return deliveryOf(causationId, source) ?? causationId ?? undefined;
  };
  const causeOf = (one: Told): string | undefined => {
    if (one.kind === 'change') return one.causedBy ?? causeOfChange(one, firstOf, deliveryOf) ?? cameInWith(one, told)?.id;
    if (one.kind === 'refund') {
      const done = said.find(({ data }) => member(data, 'refundId') === one.details?.['refundId']);
      return one.causedBy ?? (done && deliveryOf(done.causationId, one.source));
    }
    if (one.kind === 'mail') {
      const notice = said.find(({ data }) => member(data, 'eventId') === one.causedBy);
      if (!notice) return one.causedBy;
      // Each channel has its own copy of the notice.
      return deliveryOf(notice.messageId, one.source, `${one.source}.${String(one.details?.['channel'])}`) ?? notice.messageId;
    }
    return one.causedBy;
  };

  const messages = said.map((message): Entry => {
    const { messageId, type, source, at, data } = message;
    return {
      ...linked(causeOfMessage(message)),
      at: at.toISOString(),
      source,
      kind: 'message',
      what: type,
      id: messageId,
      details: { data },
    };
  });
  const others = told.map(({ sequence: _, causedBy, ...one }): Entry => {
    const cause = causeOf({ ...one, causedBy, sequence: _ });
    return { ...one, ...linked(cause) };
  });
  const known = new Set(messages.map(({ id }) => id));
  const unseen = deliveries.filter(({ causedBy }) => !known.has(causedBy!)).map((delivery) => unrecorded(delivery, said));
  return inOrder([...messages, ...others, ...new Map(unseen.map((entry) => [entry.id, entry])).values()]);
}

const linked = (causedBy: string | undefined): { causedBy?: string } => (causedBy === undefined ? {} : { causedBy });

function causeOfChange(
  { source, sequence }: Told,
  firstOf: ReadonlyMap<string, Recorded>,
  deliveryOf: (messageId: string | null, source: string) => string | undefined,
): string | undefined {
  const first = firstOf.get(`${source}.${sequence}`);
  return first ? deliveryOf(first.causationId, source) : undefined;
}

/** What may have moved a payment by a change that nobody spoke of. */
const cameBy: Readonly<Record<string, readonly Entry['kind'][]>> = {
  opened: ['delivery'],
  attempted: ['delivery', 'request'],
  order_ended: ['delivery'],
  refund_requested: ['request'],
  part_refund_requested: ['request'],
  captured: ['webhook'],
  declined: ['webhook'],
  contradicted: ['webhook'],
  refunded: ['webhook'],
  part_refunded: ['webhook'],
};

/** A transaction bears the time of its beginning, and a change its own, rounded. In between it waits for locks, for so long at most. */
const longestMs = 2_000;
const roundingMs = 1;

function cameInWith(change: Told, told: readonly Told[]): Told | undefined {
  const kinds = cameBy[String(change.details?.['cause'])] ?? [];
  return told
    .filter(({ kind, source, at }) => {
      const beforeMs = Date.parse(change.at) - Date.parse(at);
      return kinds.includes(kind) && source === change.source && beforeMs >= -roundingMs && beforeMs <= longestMs;
    })
    .toSorted((a, b) => Date.parse(a.at) - Date.parse(b.at))
    .at(-1);
}

/** A message that was delivered and that the trail does not have: a command, or one from before there was a trail. */
function unrecorded(delivery: Told, said: readonly Recorded[]): Entry {
  const id = delivery.causedBy!;
  const attempt = said.find(({ causationId }) => causationId === id)?.data;
  const attemptId = delivery.details?.['queue'] === 'payment.capture-payment' ? member(attempt, 'attemptId') : undefined;
  return {
    at: timeOf(id) ?? delivery.at,
    source: delivery.source,
    kind: 'message',
    what: `a message to ${String(delivery.details?.['queue'])}`,
    id,
    ...linked(attemptId),
  };
}

/** The time in a UUIDv7. https://www.rfc-editor.org/rfc/rfc9562#name-uuid-version-7 */
function timeOf(id: string): string | undefined {
  return id[14] === '7' ? new Date(Number.parseInt(id.replaceAll('-', '').slice(0, 12), 16)).toISOString() : undefined;
}

function member(data: unknown, name: string): string | undefined {
  const value = (data as Record<string, unknown> | null | undefined)?.[name];
  return typeof value === 'string' ? value : undefined;
}

/** The earliest of those whose cause is told already comes next. */
function inOrder(entries: readonly Entry[]): Entry[] {
  const ids = new Set(entries.map(({ id }) => id));
  const byTime = entries.toSorted((a, b) => (a.at === b.at ? 0 : a.at < b.at ? -1 : 1));
  const told = new Set<string>();
  const ordered: Entry[] = [];
  while (byTime.length > 0) {
    const next = byTime.findIndex(({ causedBy }) => causedBy === undefined || told.has(causedBy) || !ids.has(causedBy));
    // In a circle, which only wrong data makes, time decides.
    const [entry] = byTime.splice(Math.max(next, 0), 1);
    told.add(entry!.id);
    ordered.push(entry!);
  }
  return ordered;
}
