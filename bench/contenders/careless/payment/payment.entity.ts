import { Column, CreateDateColumn, Entity, PrimaryGeneratedColumn } from 'typeorm';

/** Nothing keeps an order from having two: a message that comes twice is paid twice. */
@Entity('payments')
export class Payment {
  @PrimaryGeneratedColumn('uuid')
  id: string;

  @Column('uuid', { name: 'order_id' })
  orderId: string;

  @Column()
  status: 'pending' | 'captured';

  @Column('integer', { name: 'amount_minor' })
  amountMinor: number;

  @Column()
  currency: string;

  @Column({ name: 'payment_method' })
  paymentMethod: string;

  @Column('text', { name: 'psp_reference', nullable: true })
  pspReference: string | null;

  @CreateDateColumn({ name: 'opened_at', type: 'timestamptz' })
  openedAt: Date;
}
