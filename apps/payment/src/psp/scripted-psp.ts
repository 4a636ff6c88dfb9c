import { setTimeout as wait } from 'node:timers/promises';
import type { DataSource, EntityManager } from 'typeorm';
import { Psp, type CaptureAnswer, type CaptureRequest, type RefundAnswer, type RefundRequest } from './psp.js';

interface PspBookRow {
  asked: string;
  reference: string;
  outcome: 'captured' | 'declined' | 'refunded';
  decline_code: string | null;
  amount_minor: number;
  currency: string;
}

const columns = 'asked, reference, outcome, decline_code, amount_minor, currency';

/** Test tokens in Stripe's naming. A method that isn't here is declined as `invalid_payment_method`. */
const declineCodes: Readonly<Record<string, string | null>> = {
  pm_card_visa: null,
  pm_card_slow: null,
  pm_card_chargeDeclined: 'generic_decline',
  pm_card_chargeDeclinedInsufficientFunds: 'insufficient_funds',
};

/**
 * A payment provider inside the process, for development and tests. It keeps books of its own, outside the transactions of the payment
 * service, as a real provider would: what it did stays done when we crash or roll back, and its answers outlive a restart.
 */
export class ScriptedPsp extends Psp {
  /** @param slowCardMs how long `pm_card_slow` takes, in milliseconds */
  constructor(
    private readonly database: DataSource,
    private readonly slowCardMs: number,
  ) {
    super();
  }

  async capture({ key, paymentMethod, amount }: CaptureRequest): Promise<CaptureAnswer> {
    const asked = JSON.stringify([paymentMethod, amount.amountMinor, amount.currency]);
    if (paymentMethod === 'pm_card_slow' && !(await this.find(key))) await wait(this.slowCardMs);
    const declineCode = Object.hasOwn(declineCodes, paymentMethod) ? declineCodes[paymentMethod] : 'invalid_payment_method';
    const [first]: PspBookRow[] = await this.database.query(
      `INSERT INTO psp_books (key, operation, asked, reference, outcome, decline_code, amount_minor, currency)
       VALUES ($1, 'capture', $2, 'pi_' || replace(gen_random_uuid()::text, '-', ''), $3, $4, $5, $6)
       ON CONFLICT (key) DO NOTHING
       RETURNING ${columns}`,
      [key, asked, declineCode ? 'declined' : 'captured', declineCode, declineCode ? 0 : amount.amountMinor, amount.currency],
    );
    const booked = first ?? (await this.booked(key, asked));
    return booked.outcome === 'declined'
      ? { outcome: 'declined', declineCode: booked.decline_code ?? 'generic_decline' }
      : { outcome: 'captured', reference: booked.reference, amount: { amountMinor: booked.amount_minor, currency: booked.currency } };
  }

  async refund({ key, captureReference, amount }: RefundRequest): Promise<RefundAnswer> {
    const asked = JSON.stringify([captureReference, amount.amountMinor, amount.currency]);
    await this.database.transaction(async (books) => {
      const left = await leftToRefund(books, captureReference);
      if (await this.find(key, books)) return;
      if (left < amount.amountMinor)
        throw new Error(`the provider refuses to refund ${amount.amountMinor}: only ${left} is left of ${captureReference}`);
      await books.query(
        `INSERT INTO psp_books (key, operation, asked, reference, outcome, capture_reference, amount_minor, currency)
         VALUES ($1, 'refund', $2, 're_' || replace(gen_random_uuid()::text, '-', ''), 'refunded', $3, $4, $5)`,
        [key, asked, captureReference, amount.amountMinor, amount.currency],
      );
    });
    const { reference } = await this.booked(key, asked);
    return { outcome: 'refunded', reference };
  }

  private async find(key: string, books: EntityManager = this.database.manager): Promise<PspBookRow | undefined> {
    const [row]: PspBookRow[] = await books.query(`SELECT ${columns} FROM psp_books WHERE key = $1`, [key]);
    return row;
  }

  /** The answer booked under a key. As with Stripe, a key used for another question is an error of the caller. */
  private async booked(key: string, asked: string): Promise<PspBookRow> {
    const row = await this.find(key);
    if (!row || row.asked !== asked) throw new Error(`the provider was asked something else with the key ${key} before`);
    return row;
  }
}

/** Locks the capture, so that of two refunds at once the second counts the first. */
async function leftToRefund(books: EntityManager, captureReference: string): Promise<number> {
  const [capture]: { amount_minor: number }[] = await books.query(
    `SELECT amount_minor FROM psp_books WHERE reference = $1 AND outcome = 'captured' FOR UPDATE`,
    [captureReference],
  );
  const [refunded]: { total: number }[] = await books.query(
    'SELECT coalesce(sum(amount_minor), 0)::bigint AS total FROM psp_books WHERE capture_reference = $1',
    [captureReference],
  );
  return (capture?.amount_minor ?? 0) - (refunded?.total ?? 0);
}
