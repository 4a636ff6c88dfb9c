import { Offenders, type Check } from '../check.js';
import { inStep, type Keyed } from '../in-step.js';

/** One of our attempts. `key` is its id. */
interface OurAttempt extends Keyed {
  readonly outcome: string;
  readonly amount: string;
  readonly reference: string | null;
}

/** An intent in the provider's books. `key` is the attempt's id that it bears; empty when it bears none. */
interface TheirIntent extends Keyed {
  readonly id: string;
  readonly status: string;
  readonly amount: string;
}

/** One of our refunds. `key` is its id. */
interface OurRefund extends Keyed {
  readonly status: string;
  readonly amount: string;
  readonly reference: string | null;
  /** The provider's names of what its payment captured. */
  readonly captures: readonly string[];
}

/** A refund in the provider's books. `key` is the refund's id that it bears; empty when it bears none. */
interface TheirRefund extends Keyed {
  readonly id: string;
  readonly status: string;
  readonly amount: string;
  readonly capture: string;
}

/** Our books are the provider's, in both directions. The amounts are words such as `2598 EUR`, in minor units. */
export const agreement: readonly Check[] = [
  {
    name: 'captures-equal-the-providers',
    about: 'What we have captured is what the provider has captured: each attempt once, in the same amount and currency, and nothing else.',
    holds: 'at rest',
    needs: ['payment', 'psp-simulator'],
    async run(system) {
      const offenders = new Offenders();
      let checked = 0;
      const books = inStep<{ ours: OurAttempt; theirs: TheirIntent }>({
        ours: system.database('payment').stream(
          `SELECT attempts.id::text AS key, outcome, amount_minor || ' ' || currency AS amount, psp_reference AS reference
             FROM attempts JOIN payments ON payments.id = payment_id ORDER BY attempts.id`,
        ),
        theirs: system.database('psp-simulator').stream(
          `SELECT coalesce(metadata->>'attempt_id', '') COLLATE "C" AS key, id, status, amount_received_minor || ' ' || upper(currency) AS amount
             FROM payment_intents ORDER BY 1, id`,
        ),
      });
      for await (const { key, ours, theirs } of books) {
        checked += 1;
        offenders.addAll(compareCaptures(key, ours[0], theirs));
      }
      return { checked, offenders };
    },
  },
  {
    name: 'refunds-equal-the-providers',
    about: 'What we have given back is what the provider has given back: each refund once, of the same capture, and nothing else.',
    holds: 'at rest',
    needs: ['payment', 'psp-simulator'],
    async run(system) {
      const offenders = new Offenders();
      let checked = 0;
      const books = inStep<{ ours: OurRefund; theirs: TheirRefund }>({
        ours: system.database('payment').stream(
          `SELECT id::text AS key, status, amount_minor || ' ' || currency AS amount, psp_reference AS reference,
                  ARRAY (SELECT psp_reference FROM attempts WHERE attempts.payment_id = refunds.payment_id AND outcome = 'captured') AS captures
             FROM refunds ORDER BY id`,
        ),
        theirs: system.database('psp-simulator').stream(
          `SELECT coalesce(metadata->>'refund_id', '') COLLATE "C" AS key, id, status, amount_minor || ' ' || upper(currency) AS amount,
                  payment_intent AS capture
             FROM refunds ORDER BY 1, id`,
        ),
      });
      for await (const { key, ours, theirs } of books) {
        checked += 1;
        offenders.addAll(compareRefunds(key, ours[0], theirs));
      }
      return { checked, offenders };
    },
  },
];

function compareCaptures(attempt: string, ours: OurAttempt | undefined, theirs: readonly TheirIntent[]): string[] {
  if (!ours) return theirs.map(({ id, status, amount }) => `${id} (${status}, ${amount}) is of no attempt of ours`);
  const captured = theirs.filter(({ status }) => status === 'succeeded');
  const [first] = captured;
  if (captured.length > 1) return [`${attempt} is captured by ${captured.map(({ id }) => id).join(' and ')}`];
  if (ours.outcome === 'captured') {
    if (!first) return [`${attempt} is captured in our books alone`];
    if (first.amount !== ours.amount) return [`${attempt} is ${ours.amount} with us and ${first.amount} there`];
    if (first.id !== ours.reference) return [`${attempt} is ${ours.reference} with us and ${first.id} there`];
    return [];
  }
  if (first) return [`${attempt} is ${ours.outcome} with us, and captured as ${first.id}`];
  // A declined attempt that can still capture is money that nobody waits for.
  const alive = theirs.filter(({ status }) => status === 'processing' || status === 'requires_capture');
  return ours.outcome === 'declined' ? alive.map(({ id, status }) => `${attempt} is declined with us, and ${id} is ${status}`) : [];
}

function compareRefunds(refund: string, ours: OurRefund | undefined, theirs: readonly TheirRefund[]): string[] {
  if (!ours) return theirs.map(({ id, status, amount }) => `${id} (${status}, ${amount}) is of no refund of ours`);
  const alive = theirs.filter(({ status }) => status !== 'failed');
  const [first] = alive;
  if (alive.length > 1) return [`${refund} is given back by ${alive.map(({ id }) => id).join(' and ')}`];
  if (!first) return ours.status === 'succeeded' ? [`${refund} is given back in our books alone`] : [];
  if (first.status !== ours.status) return [`${refund} is ${ours.status} with us and ${first.status} there`];
  if (first.amount !== ours.amount) return [`${refund} is ${ours.amount} with us and ${first.amount} there`];
  if (!ours.captures.includes(first.capture)) return [`${refund} is given back of ${first.capture}, which is not its payment's capture`];
  return ours.status === 'succeeded' && first.id !== ours.reference ? [`${refund} is ${ours.reference} with us and ${first.id} there`] : [];
}
