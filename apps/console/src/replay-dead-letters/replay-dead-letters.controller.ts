import { Body, Controller, HttpCode, Post } from '@nestjs/common';
import { ApiAcceptedResponse, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { z } from 'zod';
import { answer, CallerParam, fieldErrors, ForOperators, IdParam, problem, Refusals, type Answer, type Operator } from '#libs/http';
import { Transactions, type Transaction } from '#libs/messaging';
import { record } from '../letter/audit.js';
import { isLegal } from '../letter/letter-state.js';
import { dataOf } from '../letter/letter-view.js';
import { lockLetters, type LockedLetter } from '../letter/letters.js';
import { Reason } from '../letter/reason.js';
import { unredact } from '../redaction/redact.js';
import { isRemembered, knownQueues, replayLetters, requireRemembered, requireReplayable, typeOf } from './replay-letters.js';

const ReplayBody = z.strictObject({ reason: Reason }).meta({ id: 'ReplayDeadLetter' });
type ReplayBody = z.infer<typeof ReplayBody>;

const EditBody = z
  .strictObject({
    reason: Reason,
    data: z
      .unknown()
      .refine((data) => data !== undefined, 'Is required.')
      .meta({
        description: 'What the message is to say: all of it. What is hidden where it is shown may stay as it is shown.',
      }),
  })
  .meta({ id: 'EditDeadLetter' });
type EditBody = z.infer<typeof EditBody>;

const ReplayManyBody = z
  .strictObject({
    filter: z.strictObject({
      queue: z.string().optional(),
      type: z.string().optional(),
      error: z.string().optional().meta({ description: 'The `error` of a group.' }),
    }),
    reason: Reason,
    limit: z.int().min(1).max(1000).default(100).meta({ description: 'The most to replay: those that died first.' }),
    dryRun: z.boolean().default(true).meta({ description: 'Only say what would be replayed.' }),
  })
  .meta({ id: 'ReplayDeadLetters' });
type ReplayManyBody = z.infer<typeof ReplayManyBody>;

const ReplayedView = z.object({ id: z.uuid(), replayId: z.uuid(), status: z.literal('replaying') }).meta({ id: 'ReplayedDeadLetter' });

const ReplayedManyView = z
  .object({
    dryRun: z.boolean(),
    matching: z.int().meta({ description: 'Parked letters that the filter fits, however many are replayed.' }),
    notReplayable: z.int().meta({ description: 'Of these: no text, of a queue that is no more, or said too long ago.' }),
    ids: z.array(z.uuid()).meta({ description: 'What was replayed, or would be.' }),
  })
  .meta({ id: 'ReplayedDeadLetters' });

@ApiTags('dead letters')
@ForOperators()
@Controller('dead-letters')
export class ReplayDeadLettersController {
  constructor(private readonly transactions: Transactions) {}

  @Post(':id/replay')
  @HttpCode(202)
  @ApiOperation({
    summary: 'Give a dead letter to its queue again',
    description: 'One delivery, to the queue that failed. What becomes of it is shown with the letter.',
  })
  @ApiAcceptedResponse({ standardSchema: ReplayedView })
  @Refusals('dead-letter-not-found', 'dead-letter-not-parked', 'dead-letter-not-replayable')
  replay(
    @IdParam('id', 'dead-letter-not-found') id: string,
    @Body({ schema: ReplayBody }) { reason }: ReplayBody,
    @CallerParam() { name: operator }: Operator,
  ): Promise<Answer> {
    return this.transactions.run(async (tx) => {
      const letter = await lockParked(id, tx);
      requireReplayable(letter, letter.body);
      const auditId = await record(tx.manager, { operator, action: 'replay', reason, what: { id } });
      await replayLetters(tx, [{ letter, body: letter.body.toString('utf8') }], { cause: 'replayed', auditId });
      return accepted(letter);
    });
  }

  @Post(':id/edit-and-replay')
  @HttpCode(202)
  @ApiOperation({
    summary: 'Mend what a dead letter says, and give it to its queue again',
    description: "What it is to say is held against its type's schema. What it said before is kept.",
  })
  @ApiAcceptedResponse({ standardSchema: ReplayedView })
  @Refusals('dead-letter-not-found', 'dead-letter-not-parked', 'dead-letter-not-replayable')
  editAndReplay(
    @IdParam('id', 'dead-letter-not-found') id: string,
    @Body({ schema: EditBody }) { reason, data }: EditBody,
    @CallerParam() { name: operator }: Operator,
  ): Promise<Answer> {
    return this.transactions.run(async (tx) => {
      const letter = await lockParked(id, tx);
      requireRemembered(letter.saidAt);
      const body = mended(letter, data);
      const auditId = await record(tx.manager, { operator, action: 'edit-and-replay', reason, what: { id } });
      await tx.manager.query(
        'UPDATE dead_letters SET original_body = coalesce(original_body, body), body = $2, is_text = true WHERE id = $1',
        [id, Buffer.from(body)],
      );
      await replayLetters(tx, [{ letter, body }], { cause: 'edited', auditId });
      return accepted(letter);
    });
  }

  @Post('replay')
  @HttpCode(200)
  @ApiOperation({
    summary: 'Give many dead letters to their queues again',
    description: 'All that are parked and fit the filter, up to a limit, those that died first. A dry run unless told otherwise.',
  })
  @ApiOkResponse({ standardSchema: ReplayedManyView })
  replayMany(@Body({ schema: ReplayManyBody }) body: ReplayManyBody, @CallerParam() { name: operator }: Operator): Promise<Answer> {
    const { filter, reason, limit, dryRun } = body;
    return this.transactions.run(async (tx) => {
      const values = [filter.queue, filter.type, filter.error];
      const fits = `status = 'parked' AND ($1::text IS NULL OR queue = $1) AND ($2::text IS NULL OR type = $2)
                    AND ($3::text IS NULL OR error_kind = $3)`;
      const replayable = `is_text AND queue = ANY($4::text[]) AND ${isRemembered}`;
      const [counts] = await tx.manager.query<{ matching: number; replayable: number }[]>(
        `SELECT count(*)::integer AS matching, (count(*) FILTER (WHERE ${replayable}))::integer AS replayable FROM dead_letters WHERE ${fits}`,
        [...values, knownQueues],
      );
      const { matching } = counts!;
      const found = { dryRun, matching, notReplayable: matching - counts!.replayable };
      // Another operator may be at the same: each letter is replayed by one of them.
      const letters = await lockLetters(tx.manager, `${fits} AND ${replayable}`, [...values, knownQueues], {
        most: limit,
        skipLocked: true,
      });
      const ids = letters.map(({ id }) => id);
      if (dryRun || ids.length === 0) return answer(200, { ...found, ids });
      const auditId = await record(tx.manager, { operator, action: 'replay-many', reason, what: { filter, limit, ids } });
      const all = letters.map((letter) => ({ letter, body: letter.body.toString('utf8') }));
      await replayLetters(tx, all, { cause: 'replayed', auditId });
      return answer(200, { ...found, ids });
    });
  }
}

async function lockParked(id: string, tx: Transaction): Promise<LockedLetter> {
  const [letter] = await lockLetters(tx.manager, 'id = $1', [id]);
  if (!letter) throw problem('dead-letter-not-found', 'There is no such dead letter.');
  if (!isLegal(letter.status, 'replayed')) throw problem('dead-letter-not-parked', `It is ${letter.status}.`);
  return letter;
}

const accepted = ({ id, replayId, status }: LockedLetter): Answer =>
  answer(202, { id, replayId, status }, { location: `/dead-letters/${id}` });

/** The new body, held against the schema of the letter's type. */
function mended(letter: LockedLetter, data: unknown): string {
  const type = typeOf(letter);
  if (!type) throw problem('dead-letter-not-replayable', 'Its queue takes no message of its type, so there is no schema to mend it by.');
  const { value, errors } = unredact(data, dataOf(letter.body), ['data']);
  const parsed = type.schema.safeParse(value);
  const issues = parsed.success ? [] : parsed.error.issues.map((issue) => ({ ...issue, path: ['data', ...issue.path] }));
  const wrong = [...errors, ...fieldErrors(issues, { data: value })];
  if (wrong.length > 0) throw problem('validation', 'See `errors` for each of them.', { errors: wrong });
  return JSON.stringify(parsed.data);
}
