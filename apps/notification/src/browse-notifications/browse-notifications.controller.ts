import { Controller, Get, Query } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { Repository } from 'typeorm';
import { z } from 'zod';
import { NoticeKind } from '#libs/contracts';
import { CallerParam, CursorPages, ForCallers, InstantView, PageQuery, Refusals, scopeOf, type Caller, type Page } from '#libs/http';
import { Notification } from '../notification/notification.entity.js';

const BrowseQuery = z.strictObject({ ...PageQuery, orderId: z.uuid() });
type BrowseQuery = z.infer<typeof BrowseQuery>;

const NotificationView = z
  .object({
    id: z.uuid(),
    orderId: z.uuid(),
    kind: NoticeKind,
    channel: z.enum(['email']),
    status: z.enum(['pending', 'sent', 'failed']).meta({ description: '`failed`: the recipient cannot be reached.' }),
    at: InstantView.meta({ description: 'When it happened.' }),
  })
  .meta({ id: 'Notification' });
type NotificationView = z.infer<typeof NotificationView>;

const NotificationList = z.object({ items: z.array(NotificationView), next: z.string().nullable() }).meta({ id: 'NotificationList' });

@ApiTags('notifications')
@ForCallers()
@Controller('notifications')
export class BrowseNotificationsController {
  constructor(
    @InjectRepository(Notification) private readonly notifications: Repository<Notification>,
    private readonly pages: CursorPages,
  ) {}

  @Get()
  @ApiOperation({
    summary: 'List what a customer was told about an order',
    description:
      'Newest first, one per event and channel; the live stream leaves none. An order that is not known, or not yours, has an empty list.',
  })
  @ApiOkResponse({ description: 'One page', standardSchema: NotificationList })
  @Refusals('invalid-cursor')
  async list(@Query({ schema: BrowseQuery }) query: BrowseQuery, @CallerParam() caller: Caller): Promise<Page<NotificationView>> {
    const { limit, after } = query;
    const orderId = query.orderId.toLowerCase();
    const listing = { route: 'GET /notifications', caller: scopeOf(caller), filter: { orderId } };
    const position = this.pages.decode(after, listing);
    const page = this.notifications
      .createQueryBuilder('n')
      .where('n.orderId = :orderId', { orderId })
      .orderBy('n.at', 'DESC')
      .addOrderBy('n.id', 'DESC')
      .limit(limit + 1);
    if (caller.kind === 'customer') page.andWhere('n.customerId = :customerId', { customerId: caller.id });
    if (position) page.andWhere('(n.at, n.id) < (:at, :id)', position);
    return this.pages.pageOf(await page.getMany(), limit, listing, (row) => row, view);
  }
}

function view({ id, orderId, kind, channel, status, at }: Notification): NotificationView {
  return { id, orderId, kind, channel, status, at: at.toISOString() };
}
