import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { NoticeKind } from '#libs/contracts';

/** How a customer is told with a row to show for it; the live stream leaves none. */
export type ChannelName = 'email';

/** `failed`: the recipient can't be reached, and trying again would change nothing. */
export type NotificationStatus = 'pending' | 'sent' | 'failed';

/** One piece of news that one channel delivers to one customer, once. */
@Entity('notifications')
export class Notification {
  @PrimaryColumn('uuid')
  id: string;

  @Column('uuid', { name: 'event_id' })
  eventId: string;

  @Column('uuid', { name: 'order_id' })
  orderId: string;

  @Column('text', { name: 'customer_id' })
  customerId: string;

  @Column('text')
  kind: NoticeKind;

  @Column('text')
  channel: ChannelName;

  @Column('text')
  status: NotificationStatus;

  /** The address in the channel's own terms. */
  @Column('text')
  recipient: string;

  @Column('text')
  subject: string;

  @Column('text')
  body: string;

  /** When it happened, not when it was told. */
  @Column({ type: 'timestamptz', precision: 3 })
  at: Date;

  /** Until then whoever claimed it is delivering it, and nobody else may begin. Null: free. */
  @Column({ name: 'claimed_until', type: 'timestamptz', precision: 3, nullable: true })
  claimedUntil: Date | null;

  @Column({ name: 'sent_at', type: 'timestamptz', precision: 3, nullable: true })
  sentAt: Date | null;
}
