import { Body, Controller, HttpCode, Post } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { z } from 'zod';
import { CallerParam, ForOperators, IdParam, problem, Refusals, type Operator } from '#libs/http';
import { Transactions } from '#libs/messaging';
import { record } from '../letter/audit.js';
import { isLegal, type LetterStatus } from '../letter/letter-state.js';
import { LetterMoves, lockLetters } from '../letter/letters.js';
import { Reason } from '../letter/reason.js';
import { operatorActions } from '../metrics.js';

const DiscardBody = z.strictObject({ reason: Reason }).meta({ id: 'DiscardDeadLetter' });
type DiscardBody = z.infer<typeof DiscardBody>;
const DiscardedView = z.object({ id: z.uuid(), status: z.literal('discarded') }).meta({ id: 'DiscardedDeadLetter' });

@ApiTags('dead letters')
@Controller('dead-letters')
export class DiscardDeadLetterController {
  constructor(private readonly transactions: Transactions) {}

  @Post(':id/discard')
  @HttpCode(200)
  @ForOperators()
  @ApiOperation({ summary: 'Decide that a dead letter is never handled', description: 'It is kept, and can be looked at.' })
  @ApiOkResponse({ standardSchema: DiscardedView })
  @Refusals('dead-letter-not-found', 'dead-letter-not-parked')
  discard(
    @IdParam('id', 'dead-letter-not-found') id: string,
    @Body({ schema: DiscardBody }) { reason }: DiscardBody,
    @CallerParam() { name: operator }: Operator,
  ): Promise<{ id: string; status: LetterStatus }> {
    return this.transactions.run(async (tx) => {
      const [letter] = await lockLetters(tx.manager, 'id = $1', [id]);
      if (!letter) throw problem('dead-letter-not-found', 'There is no such dead letter.');
      if (!isLegal(letter.status, 'discarded')) throw problem('dead-letter-not-parked', `It is ${letter.status}.`);
      const auditId = await record(tx.manager, { operator, action: 'discard', reason, what: { id } });
      const moves = new LetterMoves(tx.manager);
      moves.make(letter, 'discarded', { auditId });
      await moves.save();
      tx.afterCommit(() => operatorActions.inc({ action: 'discarded' }));
      return { id, status: letter.status };
    });
  }
}
