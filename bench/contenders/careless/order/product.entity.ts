import { Column, Entity, PrimaryColumn } from 'typeorm';

@Entity('products')
export class Product {
  @PrimaryColumn()
  sku: string;

  @Column()
  name: string;

  /** Of one piece. */
  @Column('integer', { name: 'price_minor' })
  priceMinor: number;

  @Column()
  currency: string;
}
