import { Controller, Get, Param } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiParam, ApiTags } from '@nestjs/swagger';
import { z } from 'zod';
import { problem, Public, Refusals } from '#libs/http';
import { ProductCache } from './product-cache.js';
import { productView, ProductView, couldBeSku } from './product-view.js';

const ProductList = z.object({ items: z.array(ProductView), next: z.null() }).meta({ id: 'ProductList' });

@ApiTags('products')
@Public()
@Controller('products')
export class ProductsController {
  constructor(private readonly products: ProductCache) {}

  @Get()
  @ApiOperation({ summary: 'List what can be bought', description: 'All products at once, by sku.' })
  @ApiOkResponse({ standardSchema: ProductList })
  async listProducts(): Promise<z.infer<typeof ProductList>> {
    const products = await this.products.all();
    return { items: products.map(productView), next: null };
  }

  @Get(':sku')
  @ApiOperation({ summary: 'Show one product' })
  @ApiParam({ name: 'sku', example: 'MUG-STONEWARE' })
  @ApiOkResponse({ standardSchema: ProductView })
  @Refusals('product-not-found')
  async showProduct(@Param('sku') sku: string): Promise<ProductView> {
    const product = couldBeSku(sku) ? await this.products.find(sku) : undefined;
    if (!product) throw problem('product-not-found', 'There is no such product.');
    return productView(product);
  }
}
