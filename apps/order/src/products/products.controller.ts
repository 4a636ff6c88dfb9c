import { Controller, Get, Param } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { Repository } from 'typeorm';
import { z } from 'zod';
import { MoneyView, problem, Public, Refusals } from '#libs/http';
import { Product } from './product.entity.js';

const ProductView = z.object({ sku: z.string(), name: z.string(), price: MoneyView }).meta({ id: 'Product' });
type ProductView = z.infer<typeof ProductView>;
const ProductList = z.object({ items: z.array(ProductView), next: z.null() }).meta({ id: 'ProductList' });

@ApiTags('products')
@Public()
@Controller('products')
export class ProductsController {
  constructor(@InjectRepository(Product) private readonly products: Repository<Product>) {}

  @Get()
  @ApiOperation({ summary: 'List what can be bought', description: 'All products at once, by sku.' })
  @ApiOkResponse({ standardSchema: ProductList })
  async listProducts(): Promise<z.infer<typeof ProductList>> {
    const products = await this.products.find({ order: { sku: 'ASC' } });
    return { items: products.map(productView), next: null };
  }

  @Get(':sku')
  @ApiOperation({ summary: 'Show one product' })
  @ApiOkResponse({ standardSchema: ProductView })
  @Refusals('product-not-found')
  async showProduct(@Param('sku') sku: string): Promise<ProductView> {
    // Postgres knows no NUL in a text and would refuse the question.
    const product = sku.includes('\0') ? null : await this.products.findOneBy({ sku });
    if (!product) throw problem('product-not-found', 'There is no such product.');
    return productView(product);
  }
}

function productView({ sku, name, priceMinor, currency }: Product): ProductView {
  return { sku, name, price: { amountMinor: priceMinor, currency } };
}
