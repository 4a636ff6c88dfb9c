import type { Mail } from '#libs/testing';
import { bold, cyan, dim, green, red, say } from '../output.js';
import { deadLetters, type SeenMessage } from './message-feed.js';

type Happening = { readonly at: number } & ({ readonly message: SeenMessage } | { readonly mail: Mail });

/** Keeps what is seen of every order, and prints it for the one whose story is being told. */
export class Journal {
  private readonly happenings: Happening[] = [];
  private readonly printed = new Set<Happening>();
  private told: { readonly orderId: string; readonly since: number } | undefined;

  readonly seeMessage = (message: SeenMessage): void => this.add({ at: Date.now(), message });
  readonly seeMail = (mail: Mail): void => this.add({ at: Date.now(), mail });

  /**
   * Prints what has been seen of an order so far, and from now on what happens to it as it happens.
   * @param since when its story began; times are printed as milliseconds from there
   */
  follow(orderId: string, since: number): void {
    this.told = { orderId, since };
    for (const happening of this.happenings) this.print(happening);
  }

  unfollow(): void {
    this.told = undefined;
  }

  /** The messages about an order, in the order in which they came. */
  messages(orderId: string): SeenMessage[] {
    return this.happenings.flatMap((happening) => ('message' in happening && isAbout(happening, orderId) ? [happening.message] : []));
  }

  /** The mails about an order. */
  mails(orderId: string): Mail[] {
    return this.happenings.flatMap((happening) => ('mail' in happening && isAbout(happening, orderId) ? [happening.mail] : []));
  }

  private add(happening: Happening): void {
    this.happenings.push(happening);
    this.print(happening);
  }

  private print(happening: Happening): void {
    if (!this.told || this.printed.has(happening) || !isAbout(happening, this.told.orderId)) return;
    this.printed.add(happening);
    const after = happening.at - this.told.since;
    if ('mail' in happening) {
      line(after, green('mail'.padEnd(where)), `${happening.mail.to}: ${bold(happening.mail.subject)}`);
      return;
    }
    const { exchange, type, receivers } = happening.message;
    const [first = 'nobody', ...others] = receivers;
    line(after, exchange === deadLetters ? red(exchange.padEnd(where)) : exchange, `${cyan(type.padEnd(20))}  → ${first}`);
    for (const other of others) line('', '', `${' '.repeat(20)}  → ${other}`);
  }
}

/** The width of the column that says where something happened. */
const where = 26;

/**
 * Prints a line of a story.
 * @param when milliseconds since the story began, or a word
 */
export function line(when: number | string, place: string, what: string): void {
  const time = (typeof when === 'number' ? `+${when}` : when).padStart(8);
  say(`${dim(time)}  ${place.padEnd(where)}  ${what}`);
}

/** Mails carry the id of their order in their text. */
function isAbout(happening: Happening, orderId: string): boolean {
  return 'mail' in happening ? happening.mail.text.includes(orderId) : happening.message.orderId === orderId;
}
