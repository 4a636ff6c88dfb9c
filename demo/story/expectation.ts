import type { MessageType, NoticeKind } from '#libs/contracts';
import { eventually } from '#libs/testing';
import type { Customer } from './customer.js';
import type { Journal } from './journal.js';
import { deadLetters } from './message-feed.js';

/** What should come of an order, as far as it can be seen from outside. */
export interface Expectation {
  readonly order: string;
  readonly payment: string;
  /** The news that should reach the customer by mail. */
  readonly told: readonly NoticeKind[];
  /** Messages that should pass an exchange. */
  readonly said: readonly MessageType[];
}

/** Something that was to be told did not happen. */
export class StoryFailed extends Error {
  override readonly name = 'StoryFailed';
}

const patienceMs = 30_000;

/**
 * Comes back when everything expected of an order has been seen: over HTTP, on the exchanges and among the mails.
 * @throws StoryFailed with all that is missing, when that takes longer than 30 s
 */
export async function comesTrue(expected: Expectation, orderId: string, customer: Customer, journal: Journal): Promise<void> {
  let missing: string[] = [];
  await eventually(
    async () => {
      missing = await missingFrom(expected, orderId, customer, journal);
      if (missing.length > 0) throw new Error('not yet');
    },
    { within: patienceMs, every: 40 },
  ).catch(() => {
    const waited = `The order ${orderId} of ${customer.id} did not get there in ${patienceMs / 1000} s:`;
    throw new StoryFailed([waited, ...(missing.length > 0 ? missing : ['the services do not answer'])].join('\n  - '));
  });
}

async function missingFrom(expected: Expectation, orderId: string, customer: Customer, journal: Journal): Promise<string[]> {
  const missing: string[] = [];
  const answerTo = async <T>(question: Promise<T>) => question.catch((error: Error) => void missing.push(error.message));
  const [order, payment, notifications] = await Promise.all([
    answerTo(customer.order(orderId)),
    answerTo(customer.payment(orderId)),
    answerTo(customer.notifications(orderId)),
  ]);
  if (order && order.status !== expected.order) missing.push(`the order is ${order.status}, not ${expected.order}`);
  if (payment && payment.status !== expected.payment) missing.push(`its payment is ${payment.status}, not ${expected.payment}`);
  const sent = notifications?.filter(({ status }) => status === 'sent').map(({ kind }) => kind);
  for (const kind of expected.told) if (sent && !sent.includes(kind)) missing.push(`no notification ${kind} is marked as sent`);

  const subjects = journal.mails(orderId).map(({ subject }) => subject);
  if (subjects.length !== expected.told.length)
    missing.push(`${expected.told.length} mails should have come, and these did: ${subjects.join(', ') || 'none'}`);
  const messages = journal.messages(orderId);
  for (const { name } of expected.said) if (!messages.some(({ type }) => type === name)) missing.push(`no ${name} has passed an exchange`);
  for (const { exchange, type } of messages) if (exchange === deadLetters) missing.push(`${type} was given up and lies in ${deadLetters}`);
  return missing;
}
