import { CapturePayment, ExpireOrder, OrderExpired, OrderPaid, OrderPlaced, PaymentCaptured, PaymentDeclined } from '#libs/contracts';
import type { ServiceName } from '../databases.js';
import { bold, dim, green, say, table } from '../output.js';
import { Customer, type OrderSeen, type OrderWish } from './customer.js';
import { comesTrue, StoryFailed, type Expectation } from './expectation.js';
import { line, type Journal } from './journal.js';
import { listenIn } from './message-feed.js';
import { rowsOf } from './rows.js';

/** Where a story is played. */
export interface Stage {
  /** Each service's HTTP address. */
  readonly addresses: Readonly<Record<ServiceName, string>>;
  readonly databaseUrls: Readonly<Record<ServiceName, string>>;
  readonly rabbitmqUrl: string;
}

interface Placed {
  readonly customer: Customer;
  readonly order: OrderSeen;
  /** When it was sent. */
  readonly since: number;
  /** What was asked for, and the answer. */
  readonly request: string;
}

/** How late an order may expire, in milliseconds. */
const mostLateMs = 2000;

/** Three orders over HTTP, told by what passes the exchanges, comes by mail and stands in the databases. */
export class Story {
  constructor(
    private readonly stage: Stage,
    private readonly journal: Journal,
  ) {}

  /** @throws StoryFailed when an order does not go as told */
  async play(): Promise<void> {
    const feed = await listenIn(this.stage.rabbitmqUrl, this.journal.seeMessage);
    try {
      say(`\n${bold('The story of three orders')} ${dim('(times in milliseconds since each was sent)')}`);
      // Carol comes first, so that her five seconds run while the others' stories are told.
      const carols = await this.place('carol', { items: [{ sku: 'TEAPOT-CAST-IRON', quantity: 1 }], paymentWindowSeconds: 5 });
      const alices = await this.tellOfAlice();
      const bobs = await this.tellOfBob();
      await this.tellOfCarol(carols);
      await this.sumUp([alices, bobs, carols]);
    } finally {
      this.journal.unfollow();
      await feed.close();
    }
  }

  private async tellOfAlice(): Promise<Placed> {
    const placed = await this.place('alice', { items: [{ sku: 'COFFEE-GRINDER', quantity: 1 }], paymentMethod: 'pm_card_visa' });
    this.begin('1  Alice pays with a good card', placed);
    await this.sees(placed, {
      order: 'paid',
      payment: 'captured',
      told: ['order-placed', 'order-paid'],
      said: [OrderPlaced, CapturePayment, PaymentCaptured, OrderPaid],
    });
    await this.end(placed);
    return placed;
  }

  private async tellOfBob(): Promise<Placed> {
    const wish = { items: [{ sku: 'MUG-STONEWARE', quantity: 2 }], paymentMethod: 'pm_card_chargeDeclined' };
    const placed = await this.place('bob', wish);
    this.begin("2  Bob's card is declined, so he pays with another one", placed);
    await this.sees(placed, {
      order: 'awaiting_payment',
      payment: 'open',
      told: ['order-placed', 'payment-declined'],
      said: [OrderPlaced, CapturePayment, PaymentDeclined],
    });
    const { customer, order, since } = placed;
    // What follows from it is printed below it.
    this.journal.unfollow();
    const sentAt = Date.now();
    const { status, body } = await customer.pay(order.id, 'pm_card_visa');
    line(sentAt - since, 'POST /orders/…/payments', `pm_card_visa → ${status}, payment ${body.status}`);
    this.journal.follow(order.id, since);
    await this.sees(placed, {
      order: 'paid',
      payment: 'captured',
      told: ['order-placed', 'payment-declined', 'order-paid'],
      said: [PaymentDeclined, PaymentCaptured, OrderPaid],
    });
    await this.end(placed);
    return placed;
  }

  private async tellOfCarol(placed: Placed): Promise<void> {
    this.begin('3  Carol has five seconds to pay, and does not', placed);
    await this.sees(placed, {
      order: 'expired',
      payment: 'voided',
      told: ['order-placed', 'order-expired'],
      said: [OrderPlaced, ExpireOrder, OrderExpired],
    });
    await this.end(placed);
    const { history, paymentDeadline } = await placed.customer.order(placed.order.id);
    const late = Date.parse(history.at(-1)?.at ?? '') - Date.parse(paymentDeadline);
    if (!(late >= 0 && late <= mostLateMs)) {
      throw new StoryFailed(`Carol's order expired ${late} ms after its deadline; 0 to ${mostLateMs} are allowed`);
    }
    line('', '', green(`expired ${late} ms after its deadline`));
  }

  private async place(customerId: string, wish: OrderWish): Promise<Placed> {
    const customer = new Customer(customerId, this.stage.addresses);
    const since = Date.now();
    const { status, body } = await customer.place(wish);
    const asked = wish.paymentMethod ?? `${wish.paymentWindowSeconds} s to pay`;
    return { customer, order: body, since, request: `${asked} → ${status}, …${short(body)} ${body.status}` };
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
const short = ({ id }: OrderSeen): string => id.slice(-8);
