import { z } from 'zod';
import { isUuid } from '#libs/contracts';
import { InstantView } from '#libs/http';
import { redact, redactText } from '../redaction/redact.js';
import { letterStatuses, type Cause, type LetterStatus } from './letter-state.js';

const StatusView = z.enum(letterStatuses);

/** A dead letter in a list. */
export const LetterView = z
  .object({
    id: z.uuid(),
    messageId: z.uuid(),
    queue: z.string().meta({ description: 'The queue that gave it up.' }),
    type: z.string().nullable(),
    orderId: z.uuid().nullable(),
    status: StatusView,
    reason: z.string().meta({ examples: ['schema-violation'] }),
    error: z.string(),
    attempts: z.int(),
    diedAt: InstantView,
  })
  .meta({ id: 'DeadLetter' });
export type LetterView = z.infer<typeof LetterView>;

const ReplayView = z.object({
  id: z.uuid(),
  edited: z.boolean(),
  operator: z.string(),
  reason: z.string(),
  at: InstantView,
  outcome: z.enum(['pending', 'done', 'duplicate', 'dead']),
  settledAt: InstantView.nullable(),
});

const LetterHistoryView = z.object({
  sequence: z.int(),
  status: StatusView,
  cause: z.string(),
  error: z.string().nullable(),
  replayId: z.uuid().nullable(),
  operator: z.string().nullable(),
  reason: z.string().nullable(),
  at: InstantView,
});

/** A dead letter with all that is known of it, redacted. */
export const LetterWithHistoryView = LetterView.extend({
  headers: z.record(z.string(), z.unknown()),
  data: z.unknown().meta({ description: 'What the message says; null when that is no JSON.' }),
  text: z.string().nullable().meta({ description: 'The body as text, in place of `data`; its beginning when it is long.' }),
  bytes: z.int().meta({ description: 'The size of the body.' }),
  original: z.unknown().meta({ description: 'What it said before an operator changed that; null when nobody has.' }),
  conversation: z.string().nullable().meta({ description: 'Where everything is that happened to its order.' }),
  replays: z.array(ReplayView),
  history: z.array(LetterHistoryView),
}).meta({ id: 'DeadLetterWithHistory' });
export type LetterWithHistoryView = z.infer<typeof LetterWithHistoryView>;

/** What a list selects of `dead_letters`. */
export const letterColumns = `id, message_id AS "messageId", queue, type, subject, status, reason, error, attempts, died_at AS "diedAt"`;

export interface LetterRow {
  readonly id: string;
  readonly messageId: string;
  readonly queue: string;
  readonly type: string | null;
  readonly subject: string | null;
  readonly status: LetterStatus;
  readonly reason: string;
  readonly error: string;
  readonly attempts: number;
  readonly diedAt: Date;
}

export interface WholeLetterRow extends LetterRow {
  readonly headers: Readonly<Record<string, unknown>>;
  readonly body: Buffer;
  readonly originalBody: Buffer | null;
}

export interface LetterHistoryRow {
  readonly sequence: number;
  readonly status: LetterStatus;
  readonly cause: Cause;
  readonly error: string | null;
  readonly replayId: string | null;
  readonly operator: string | null;
  readonly reason: string | null;
  readonly at: Date;
}

export function letterView({ subject, error, diedAt, ...row }: LetterRow): LetterView {
  return { ...row, orderId: isUuid(subject) ? subject : null, error: redactText(error), diedAt: diedAt.toISOString() };
}

export function letterWithHistoryView(
  { headers, body, originalBody, ...row }: WholeLetterRow,
  history: readonly LetterHistoryRow[],
): LetterWithHistoryView {
  const letter = letterView(row);
  const data = dataOf(body);
  return {
    ...letter,
    headers: redact(headers) as Record<string, unknown>,
    data: data === undefined ? null : redact(data),
    text: data === undefined ? textOf(body) : null,
    bytes: body.length,
    original: originalBody && redact(dataOf(originalBody) ?? textOf(originalBody)),
    conversation: letter.orderId && `/conversations/${letter.orderId}`,
    replays: replaysIn(history),
    history: history.map((entry) => ({ ...entry, error: entry.error && redactText(entry.error), at: entry.at.toISOString() })),
  };
}

/** What a body says, if that can be shown: JSON, and not larger than what anybody reads. */
export function dataOf(body: Buffer): unknown {
  if (body.length > 256 * 1024) return undefined;
  try {
    return JSON.parse(body.toString('utf8'));
  } catch {
    return undefined;
  }
}

const textOf = (body: Buffer): string => redactText(body.subarray(0, 16 * 1024).toString('utf8'));

/** Each replay with its end. Of two ends that were told, being done is the truth: see the moves. */
function replaysIn(history: readonly LetterHistoryRow[]): LetterWithHistoryView['replays'] {
  return history
    .filter(({ status }) => status === 'replaying')
    .map(({ replayId, cause, operator, reason, at }) => {
      const ends = history.filter((entry) => entry.replayId === replayId && entry.status !== 'replaying');
      const end = ends.at(-1);
      return {
        id: replayId!,
        edited: cause === 'edited',
        operator: operator!,
        reason: reason!,
        at: at.toISOString(),
        outcome: outcomeOf(end?.cause),
        settledAt: end?.at.toISOString() ?? null,
      };
    });
}

function outcomeOf(cause: Cause | undefined): 'pending' | 'done' | 'duplicate' | 'dead' {
  if (cause === 'done' || cause === 'duplicate') return cause;
  return cause === 'died' ? 'dead' : 'pending';
}
