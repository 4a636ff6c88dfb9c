import type { EntityManager } from 'typeorm';
import type { Money } from '#libs/contracts';

/**
 * `provider`: what the payment provider holds for us. `customer`: what we owe the customer of an order in goods or money; zero once
 * the order is refunded.
 */
export type LedgerAccount = 'provider' | 'customer';

/** One line of a transaction. Debits are positive, credits negative, in minor units of the currency. */
export interface LedgerEntry {
  /** The attempt that was captured, or the refund: a transaction is booked once. */
  readonly transactionId: string;
  readonly paymentId: string;
  readonly orderId: string;
  readonly account: LedgerAccount;
  readonly amountMinor: number;
  readonly currency: string;
}

/** What is booked: an attempt or a refund, and the payment that it belongs to. */
export interface Booking {
  readonly transactionId: string;
  readonly paymentId: string;
  readonly orderId: string;
  readonly amount: Money;
}

/** The entries of a capture: the provider holds the money, and we owe the customer its worth. */
export const captureEntries = (booking: Booking): LedgerEntry[] => transfer(booking, { debit: 'provider', credit: 'customer' });

/** The entries of a refund, the reverse of its capture. */
export const refundEntries = (booking: Booking): LedgerEntry[] => transfer(booking, { debit: 'customer', credit: 'provider' });

function transfer({ amount, ...booking }: Booking, { debit, credit }: { debit: LedgerAccount; credit: LedgerAccount }): LedgerEntry[] {
  const { amountMinor, currency } = amount;
  return [
    { ...booking, account: debit, amountMinor, currency },
    { ...booking, account: credit, amountMinor: -amountMinor, currency },
  ];
}

/**
 * Books transactions, all with one statement. The table refuses one that doesn't sum to zero, one that was booked before, and every
 * change to what stands in it.
 */
export async function book(manager: EntityManager, entries: readonly LedgerEntry[]): Promise<void> {
  if (entries.length === 0) return;
  await manager.query(
    `INSERT INTO ledger_entries (transaction_id, payment_id, order_id, account, amount_minor, currency, at)
     SELECT transaction_id, payment_id, order_id, account, amount_minor, currency, now()
       FROM unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::text[], $5::bigint[], $6::text[])
         AS entry (transaction_id, payment_id, order_id, account, amount_minor, currency)`,
    [
      entries.map((entry) => entry.transactionId),
      entries.map((entry) => entry.paymentId),
      entries.map((entry) => entry.orderId),
      entries.map((entry) => entry.account),
      entries.map((entry) => entry.amountMinor),
      entries.map((entry) => entry.currency),
    ],
  );
}
