import { Column, CreateDateColumn, Entity, PrimaryGeneratedColumn } from 'typeorm';

export interface OrderItem {
  readonly sku: string;
  readonly name: string;
  readonly quantity: number;
  readonly priceMinor: number;
}

/** An order with its lines in one row: a child entity, as common, would cost a statement and a join more. */
@Entity('orders')
export class Order {
  @PrimaryGeneratedColumn('uuid')
  id: string;

  @Column({ name: 'customer_id' })
  customerId: string;

  @Column()
  email: string;

  @Column()
  status: 'awaiting_payment' | 'paid';

  @Column('jsonb')
  items: OrderItem[];

  @Column('integer', { name: 'total_minor' })
  totalMinor: number;

  @Column()
  currency: string;

  @CreateDateColumn({ name: 'placed_at', type: 'timestamptz' })
  placedAt: Date;
}
