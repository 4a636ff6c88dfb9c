import type { EntityManager } from 'typeorm';
import { Answer } from './answer.js';
import { databaseCodeOf } from './database-errors.js';
import type { IdempotentRequest } from './idempotency-key.js';
import { problem, Problem } from './problem-details.js';

/** The transaction that holds the key, the work and the answer. */
export interface KeyTransaction {
  readonly manager: EntityManager;
  /** Takes statements that nobody waits for: nothing is committed when one of them fails. */
  withCommit(...statements: readonly Promise<unknown>[]): void;
}

/**
 * Does the work of a key once, in the caller's transaction, and answers each repeat with the stored answer. The unique key decides who
 * works: others wait for that transaction, at most for the session's `lock_timeout`. When the work throws, the transaction has to be
 * rolled back, which frees the key.
 *
 * Throws `idempotency-key-in-use` when the wait was too long, `idempotency-key-reused` when the key's request was another one.
 */
export async function answerOnce(tx: KeyTransaction, request: IdempotentRequest, work: () => Promise<Answer>): Promise<Answer> {
  const [outcome] = await answerEachOnce(tx, [{ request }], async () => [await work()]);
  if (outcome instanceof Problem) throw outcome;
  return outcome!;
}

/**
 * {@link answerOnce} for requests that are worked on together: `work` is given those whose keys are new, and answers each or refuses it. The
 * key of a refused one is free again.
 * @returns for each request its answer or what is wrong with it, in their order
 */
export async function answerEachOnce<Asked extends { readonly request: IdempotentRequest }>(
  tx: KeyTransaction,
  asked: readonly Asked[],
  work: (fresh: readonly Asked[]) => Promise<readonly (Answer | Problem)[]>,
): Promise<(Answer | Problem)[]> {
  const claimed = await claim(
    tx.manager,
    asked.map(({ request }) => request),
  );
  // `delete` also takes out the second of two that came together.
  const fresh = asked.filter(({ request }) => claimed.delete(nameOf(request)));
  const given = fresh.length > 0 ? await work(fresh) : [];
  keepAnswers(tx, fresh, given);

  const answers = new Map(fresh.map(({ request }, index) => [nameOf(request), { request, outcome: given[index]! }]));
  const repeats = asked.filter((one) => answers.get(nameOf(one.request))?.request !== one.request).map(({ request }) => request);
  const stored = await findStored(
    tx.manager,
    repeats.filter((request) => !answers.has(nameOf(request))),
  );
  return asked.map(({ request }) => {
    const together = answers.get(nameOf(request));
    if (together?.request === request) return together.outcome;
    // Its twin was refused, and nothing is kept of that.
    if (together?.outcome instanceof Problem) return together.request.fingerprint === request.fingerprint ? together.outcome : inUse();
    // Neither: the row went away between the two statements, as it had been kept its time.
    const first = together ? { answer: together.outcome, fingerprint: together.request.fingerprint } : stored.get(nameOf(request));
    return first ? replayOf(first, request) : inUse();
  });
}

/** The keys that are ours now, by {@link nameOf}. */
async function claim(manager: EntityManager, requests: readonly IdempotentRequest[]): Promise<Set<string>> {
  try {
    // In the order of the keys, so that two of these never wait for each other.
    const claimed = await manager.query<KeyOfRequest[]>(
      `INSERT INTO idempotency_keys (caller, method, path, key, fingerprint)
       SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[]) AS asked (caller, method, path, key, fingerprint)
       ORDER BY caller, method, path, key
       ON CONFLICT DO NOTHING RETURNING caller AS scope, method, path, key`,
      [...keyColumns(requests), requests.map(({ fingerprint }) => fingerprint)],
    );
    return new Set(claimed.map(nameOf));
  } catch (error) {
    // lock_not_available
    if (databaseCodeOf(error) === '55P03') throw inUse();
    throw error;
  }
}

function keepAnswers(
  tx: KeyTransaction,
  asked: readonly { readonly request: IdempotentRequest }[],
  given: readonly (Answer | Problem)[],
): void {
  const refused = asked.filter((_, index) => given[index] instanceof Problem).map(({ request }) => request);
  const answered = asked.filter((_, index) => given[index] instanceof Answer).map(({ request }) => request);
  const answers = given.filter((outcome) => outcome instanceof Answer);
  if (answered.length > 0) {
    const kept = tx.manager.query(
      `UPDATE idempotency_keys AS kept SET status = given.status, headers = given.headers, body = given.body
         FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::smallint[], $6::jsonb[], $7::text[])
           AS given (caller, method, path, key, status, headers, body)
        WHERE kept.caller = given.caller AND kept.method = given.method AND kept.path = given.path AND kept.key = given.key`,
      [
        ...keyColumns(answered),
        answers.map(({ status }) => status),
        answers.map(({ headers }) => JSON.stringify(headers)),
        answers.map(({ body }) => body),
      ],
    );
    tx.withCommit(kept);
  }
  if (refused.length > 0) {
    const freed = tx.manager.query(
      `DELETE FROM idempotency_keys WHERE (caller, method, path, key) IN (SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::text[]))`,
      keyColumns(refused),
    );
    tx.withCommit(freed);
  }
}

/**
 * The stored answer to this request, when its work is finished and committed. Ask before existence and state are checked: a replay comes
 * first. Throws `idempotency-key-reused` when the key's request was another one.
 */
export async function findAnswer(manager: EntityManager, request: IdempotentRequest): Promise<Answer | undefined> {
  const stored = (await findStored(manager, [request])).get(nameOf(request));
  const outcome = stored && replayOf(stored, request);
  if (outcome instanceof Problem) throw outcome;
  return outcome;
}

async function findStored(manager: EntityManager, requests: readonly IdempotentRequest[]): Promise<Map<string, Given>> {
  if (requests.length === 0) return new Map();
  const rows = await manager.query<(Given['answer'] & IdempotentRequest)[]>(
    `SELECT caller AS scope, method, path, key, fingerprint, status, headers, body FROM idempotency_keys
      WHERE (caller, method, path, key) IN (SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::text[]))`,
    keyColumns(requests),
  );
  return new Map(rows.map((row) => [nameOf(row), { answer: row, fingerprint: row.fingerprint }]));
}

/** What an earlier request with the same key was answered. */
interface Given {
  readonly fingerprint: string;
  readonly answer: Pick<Answer, 'status' | 'headers' | 'body'>;
}
type KeyOfRequest = Omit<IdempotentRequest, 'fingerprint'>;

function replayOf({ fingerprint, answer: { status, body, headers } }: Given, request: IdempotentRequest): Answer | Problem {
  if (fingerprint !== request.fingerprint) return problem('idempotency-key-reused', 'Send the same body as the first time, or a new key.');
  return new Answer(status, body, headers, true);
}

/** None of its parts has a line break. */
function nameOf({ scope, method, path, key }: KeyOfRequest): string {
  return [scope, method, path, key].join('\n');
}

function keyColumns(requests: readonly KeyOfRequest[]): string[][] {
  return [
    requests.map(({ scope }) => scope),
    requests.map(({ method }) => method),
    requests.map(({ path }) => path),
    requests.map(({ key }) => key),
  ];
}

function inUse(): Problem {
  return problem('idempotency-key-in-use', 'Ask again in a moment, with the same key.');
}
