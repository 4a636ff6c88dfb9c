import type { Order } from '#libs/client';
import type { TokenIssuer } from '#libs/issuer';
import type { ServiceName } from '../databases.js';
import { bold, dim, green, say, table } from '../output.js';
import { Customer, type OrderWish } from './customer.js';
import { comesTrue, StoryFailed, type Expectation } from './expectation.js';
import { line, type Journal } from './journal.js';
import { listenIn } from './message-feed.js';
import { rowsOf } from './rows.js';
import { tales, type Tale } from './tales.js';

/** Where a story is played. */
export interface Stage {
  /** Each service's HTTP address. */
  readonly addresses: Readonly<Record<ServiceName, string>>;
  readonly databaseUrls: Readonly<Record<ServiceName, string>>;
  readonly rabbitmqUrl: string;
  readonly issuer: TokenIssuer;
}

interface Placed {
  readonly customer: Customer;
  readonly order: Order;
  /** When it was sent. */
  readonly since: number;
  /** What was asked for, and the answer. */
  readonly request: string;
}

/** How late an order may expire, in milliseconds. */
const mostLateMs = 2000;

/** Five orders over HTTP, told by what passes the exchanges, comes by mail and stands in the databases. */
export class Story {
  constructor(
    private readonly stage: Stage,
    private readonly journal: Journal,
  ) {}

  /** @throws StoryFailed when an order does not go as told */
  async play(): Promise<void> {
    const feed = await listenIn(this.stage.rabbitmqUrl, this.journal.seeMessage);
    try {
      say(`\n${bold('The story of five orders')} ${dim('(times in milliseconds since each was sent)')}`);
      // Their seconds run while the others' stories are told.
      const begun = new Map<Tale, Placed>();
      for (const tale of tales) if (tale.takesLong) begun.set(tale, await this.place(tale.customer, tale.wish));
      const all: Placed[] = [];
      for (const [index, tale] of tales.entries()) {
        const placed = begun.get(tale) ?? (await this.place(tale.customer, tale.wish));
        await this.tell(`${index + 1}  ${tale.title}`, tale, placed);
        all.push(placed);
      }
      await this.sumUp(all);
    } finally {
      this.journal.unfollow();
      await feed.close();
    }
  }

  private async tell(title: string, tale: Tale, placed: Placed): Promise<void> {
    this.begin(title, placed);
    await this.sees(placed, tale.comesTo);
    if (tale.afterwards) {
      await this.payAgain(placed, tale.afterwards.paymentMethod);
      await this.sees(placed, tale.afterwards.comesTo);
    }
    await this.end(placed);
    if (tale.expires) await this.wasInTime(placed);
  }

  private async payAgain({ customer, order, since }: Placed, paymentMethod: string): Promise<void> {
    // What follows from it is printed below it.
    this.journal.unfollow();
    const sentAt = Date.now();
    const payment = await customer.pay(order.id, paymentMethod);
    line(sentAt - since, 'POST /orders/…/payments', `${paymentMethod} → 202, payment ${payment.status}`);
    this.journal.follow(order.id, since);
  }

  private async wasInTime({ customer, order: { id } }: Placed): Promise<void> {
    const { history, paymentDeadline } = await customer.order(id);
    const late = Date.parse(history.at(-1)?.at ?? '') - Date.parse(paymentDeadline);
    if (!(late >= 0 && late <= mostLateMs)) {
      throw new StoryFailed(`${customer.id}'s order expired ${late} ms after its deadline; 0 to ${mostLateMs} are allowed`);
    }
    line('', '', green(`expired ${late} ms after its deadline`));
  }

  private async place(customerId: string, wish: OrderWish): Promise<Placed> {
    const customer = new Customer(customerId, this.stage.addresses, this.stage.issuer);
    const since = Date.now();
    const order = await customer.place(wish);
    const asked = [wish.paymentMethod, wish.paymentWindowSeconds && `${wish.paymentWindowSeconds} s to pay`].filter(Boolean).join(', ');
    return { customer, order, since, request: `${asked} → 201, …${short(order)}` };
  }

  private begin(title: string, { order, since, request }: Placed): void {
    say(`\n${bold(title)}`);
    line(0, 'POST /orders', request);
    this.journal.follow(order.id, since);
  }

  private sees({ customer, order }: Placed, expected: Expectation): Promise<void> {
    return comesTrue(expected, order.id, customer, this.journal);
  }

  private async end({ order }: Placed): Promise<void> {
    this.journal.unfollow();
    for (const { table: place, row } of await rowsOf(order.id, this.stage.databaseUrls)) line('row', place, row);
  }

  private async sumUp(all: readonly Placed[]): Promise<void> {
    const rows = all.map(async ({ customer, order: { id } }) => {
      const [order, payment] = await Promise.all([customer.order(id), customer.payment(id)]);
      const took = Date.parse(order.history.at(-1)?.at ?? '') - Date.parse(order.placedAt);
      return [`…${short(order)}`, customer.id, order.status, payment.status, String(this.journal.mails(id).length), `${took} ms`];
    });
    say();
    for (const text of table(['order', 'customer', 'status', 'payment', 'mails', 'reached after'], await Promise.all(rows))) say(text);
  }
}

/** An id begins with the time, so that the ends of three of the same minute tell them apart better. */
const short = ({ id }: Order): string => id.slice(-8);
