import { Injectable } from '@nestjs/common';
import { CapturePayment } from '#libs/contracts';
import { Consumes, MessageOutcomes, type Answered, type AskingHandler, type MessageOf, type Transaction } from '#libs/messaging';
import { timePspRequest } from '../metrics.js';
import { attemptsById, isUnsettled, updateAttempts, type AttemptRow } from '../payment/attempts.js';
import { lockPayments } from '../payment/payments.js';
import { settleAttempts, type AttemptNews } from '../payment/settle-attempts.js';
import { keyLifetimeMs, Psp, questionTravelMs, type CaptureAnswer, type CaptureRequest } from '../psp/psp.js';

type Message = MessageOf<'payment.reconcile-payments'>;
/** What was found; `not_found` when the provider knows nothing of the attempt, yet. */
type Finding = CaptureAnswer | { readonly outcome: 'not_found' };

interface LookUpIntent extends CaptureRequest {
  readonly orderEnded: boolean;
  readonly askedAt: Date | null;
}

/**
 * Looks for the outcome of attempts that the provider left open. What it does not know, or has not decided though the order has ended, is
 * asked again under the same key: by `payment.capture-payment`, which for an ended order sees to it that nothing is captured any more.
 */
@Injectable()
export class ReconcilePaymentsConsumer implements AskingHandler<Message, LookUpIntent, Finding> {
  constructor(
    private readonly psp: Psp,
    private readonly outcomes: MessageOutcomes,
  ) {}

  async intend(messages: readonly Message[], tx: Transaction): Promise<ReadonlyMap<Message, LookUpIntent>> {
    const ids = messages.map(({ data }) => data.paymentId);
    const payments = new Map((await lockPayments(tx.manager, 'id', ids)).map((payment) => [payment.id, payment]));
    const attempts = await attemptsById(
      tx.manager,
      messages.map(({ data }) => data.attemptId),
    );
    const intents = new Map<Message, LookUpIntent>();
    const lookedFor: AttemptRow[] = [];
    for (const message of messages) {
      const { orderId, paymentId, attemptId } = message.data;
      const payment = payments.get(paymentId);
      const attempt = attempts.get(attemptId);
      if (payment?.status !== 'authorising' || !attempt || !isUnsettled(attempt)) {
        this.outcomes.tooLate('payment.reconcile-payments', message, tx);
        continue;
      }
      const { paymentMethod, pspReference: reference, askedAt } = attempt;
      const { amount, orderEnded } = payment;
      intents.set(message, { orderId, paymentId, attemptId, paymentMethod, reference, amount, orderEnded, askedAt });
      // It is being looked for now, and not overdue; whoever finds it open plans the next time.
      lookedFor.push(Object.assign(attempt, { lookAgainInSeconds: 0 }));
    }
    await updateAttempts(tx.manager, lookedFor);
    return intents;
  }

  async ask(intent: LookUpIntent): Promise<Finding> {
    const found = await timePspRequest('look_up', () => this.psp.lookUp(intent));
    if (found) return found;
    const { askedAt } = intent;
    // Nobody asks any more with a key as old as this, the last question has arrived, and no search lags behind for that long.
    const neverArrived = askedAt && Date.now() - askedAt.getTime() > keyLifetimeMs + questionTravelMs;
    return neverArrived ? { outcome: 'declined', declineCode: 'never_arrived' } : { outcome: 'not_found' };
  }

  @Consumes('payment.reconcile-payments', { askAtOnce: 16 })
  async record(answered: readonly Answered<Message, LookUpIntent, Finding>[], tx: Transaction): Promise<void> {
    const news: (AttemptNews & { readonly causedBy: Message })[] = [];
    for (const { message, intent, answer } of answered) {
      const undecided = answer.outcome === 'processing' && intent.orderEnded;
      if (answer.outcome !== 'not_found') news.push({ ...message.data, answer, causedBy: message });
      if (answer.outcome === 'not_found' || undecided)
        tx.publish(CapturePayment, message.data, { subject: intent.orderId, causedBy: message });
    }
    const verdicts = await settleAttempts(news, tx);
    for (const [index, { causedBy }] of news.entries())
      if (verdicts[index] === 'too_late') this.outcomes.tooLate('payment.reconcile-payments', causedBy, tx);
  }
}
