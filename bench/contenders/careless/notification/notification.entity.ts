import { Column, CreateDateColumn, Entity, PrimaryGeneratedColumn } from 'typeorm';

@Entity('notifications')
export class Notification {
  @PrimaryGeneratedColumn('uuid')
  id: string;

  @Column('uuid', { name: 'order_id' })
  orderId: string;

  @Column({ name: 'customer_id' })
  customerId: string;

  @Column()
  kind: 'order-placed' | 'order-paid';

  @Column()
  status: 'pending' | 'sent';

  @Column()
  recipient: string;

  @Column()
  subject: string;

  @Column()
  body: string;

  @CreateDateColumn({ type: 'timestamptz' })
  at: Date;

  @Column('timestamptz', { name: 'sent_at', nullable: true })
  sentAt: Date | null;
}
