import { Column, Entity, PrimaryColumn } from 'typeorm';

@Entity('products')
export class Product {
  @PrimaryColumn({ type: 'text' })
  sku: string;

  @Column({ type: 'text' })
  name: string;

  /** Of one piece. */
  @Column({ name: 'price_minor', type: 'integer' })
  priceMinor: number;

  @Column({ type: 'char', length: 3 })
  currency: string;

  /** 1, and one more with each change. */
  @Column({ type: 'integer', default: 1 })
  version: number;
}
