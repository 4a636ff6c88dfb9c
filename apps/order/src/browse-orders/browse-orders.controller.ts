import { Controller, Get, Headers, Query } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { ApiHeader, ApiOkResponse, ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import { LessThanOrEqual, Repository } from 'typeorm';
import { z } from 'zod';
import { ViewPayment } from '#libs/contracts';
import {
  type Answer,
  answer,
  CallerParam,
  CursorPages,
  ForCallers,
  IdParam,
  meetsIfNoneMatch,
  notModified,
  Page,
  PageQuery,
  problem,
  Refusals,
  scopeOf,
  seesCustomer,
  type Caller,
} from '#libs/http';
import { NoAnswer, Queries } from '#libs/messaging';
import { Order, OrderHistory } from '../order/order.entity.js';
import { orderStatuses } from '../order/order-state.js';
import { ExpandedOrderView, orderTag, orderView, OrderView, orderWithHistoryView } from '../order/order-view.js';

const BrowseQuery = z.strictObject({ ...PageQuery, status: z.enum(orderStatuses).optional() });
type BrowseQuery = z.infer<typeof BrowseQuery>;
const ShowQuery = z.strictObject({ expand: z.enum(['payment']).optional() });
type ShowQuery = z.infer<typeof ShowQuery>;
const OrderList = z.object({ items: z.array(OrderView), next: z.string().nullable() }).meta({ id: 'OrderList' });

@ApiTags('orders')
@ForCallers()
@Controller('orders')
export class BrowseOrdersController {
  constructor(
    @InjectRepository(Order) private readonly orders: Repository<Order>,
    @InjectRepository(OrderHistory) private readonly history: Repository<OrderHistory>,
    private readonly pages: CursorPages,
    private readonly queries: Queries,
  ) {}

  @Get()
  @ApiOperation({ summary: 'List orders', description: 'Newest first. A customer sees their own, an operator sees all.' })
  @ApiOkResponse({ standardSchema: OrderList })
  @Refusals('validation', 'invalid-cursor')
  async listOrders(
    @Query({ schema: BrowseQuery }) { status, limit, after }: BrowseQuery,
    @CallerParam() caller: Caller,
  ): Promise<Page<OrderView>> {
    const listing = { route: 'GET /orders', caller: scopeOf(caller), filter: { status } };
    const last = this.pages.decode(after, listing);
    const newestFirst = this.orders
      .createQueryBuilder('o')
      .orderBy('o.placedAt', 'DESC')
      .addOrderBy('o.id', 'DESC')
      .limit(limit + 1);
    if (caller.kind === 'customer') newestFirst.andWhere('o.customerId = :customerId', { customerId: caller.id });
    if (status) newestFirst.andWhere('o.status = :status', { status });
    // As a pair, so that the composite index is entered at the cursor.
    if (last) newestFirst.andWhere('(o.placedAt, o.id) < (:at, :id)', { at: last.at, id: last.id });
    return this.pages.pageOf(await newestFirst.getMany(), limit, listing, ({ placedAt, id }) => ({ at: placedAt, id }), orderView);
  }

  @Get(':id')
  @ApiOperation({
    summary: 'Show one order',
    description: 'With every change of its state and what decided it; with `expand=payment` also with its payment.',
  })
  @ApiHeader({
    name: 'If-None-Match',
    required: false,
    description: 'An `ETag` that was given for this order: 304 while it is the same. Not with `expand`.',
    schema: { type: 'string', examples: ['"1"'] },
  })
  @ApiOkResponse({
    standardSchema: ExpandedOrderView,
    headers: {
      ETag: { description: 'Changes with the order. Not with `expand`: a payment has changes of its own.', schema: { type: 'string' } },
    },
  })
  @ApiResponse({ status: 304, description: 'The order is as it was.' })
  @Refusals('order-not-found', 'validation')
  async showOrder(
    @IdParam('id', 'order-not-found') id: string,
    @Query({ schema: ShowQuery }) { expand }: ShowQuery,
    @CallerParam() caller: Caller,
    @Headers('If-None-Match') ifNoneMatch?: string,
  ): Promise<ExpandedOrderView | Answer> {
    const order = await this.orders.findOneBy({ id });
    if (!order || !seesCustomer(caller, order.customerId)) throw problem('order-not-found', 'There is no such order.');
    const etag = orderTag(order);
    if (!expand && !meetsIfNoneMatch(ifNoneMatch, etag)) return notModified(etag);
    // What changed since the order was read is left out, so that status and history agree.
    const history = await this.history.find({
      where: { orderId: order.id, sequence: LessThanOrEqual(order.version) },
      order: { sequence: 'ASC' },
    });
    const view = orderWithHistoryView(order, history);
    return expand === 'payment' ? { ...view, ...(await this.paymentOf(order.id)) } : answer(200, view, { etag });
  }

  /** An order is shown whether its payment can be or not. */
  private async paymentOf(orderId: string): Promise<Pick<ExpandedOrderView, 'payment' | 'gaps'>> {
    try {
      const { payment } = await this.queries.ask(ViewPayment, { orderId });
      return { payment, gaps: [] };
    } catch (error) {
      if (!(error instanceof NoAnswer)) throw error;
      return { payment: null, gaps: [{ source: 'payment', reason: error.message }] };
    }
  }
}
